#pragma once
#include <sqlite3.h>

// sqlite3_db_config takes variadic arguments, which Swift can't call.
static inline int exportd_sqlite_set(sqlite3 *database, int option, int value) {
    return sqlite3_db_config(database, option, value, (int *)0);
}
