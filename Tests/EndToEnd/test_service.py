"""One spool for many users: roles, projects, quota, history and the queue, as users without a login on the server meet them."""
import csv
import grp
import io
import json
import os
import pwd
import sqlite3
import subprocess
import time
import unittest
from pathlib import Path

from harness import DATASETS, SiteTest, long_store, programs, read_json, until

# Accounts that every Debian has, in the parts of this play.
ENGINEER, OUTSIDER, MANAGER, CRON, STRANGER = "games", "www-data", "mail", "news", "sync"
GONE = 54_321  # somebody whose account is deleted
EXPORT = {"exports": [{"format": "hdf5"}]}
KITCHEN = {**EXPORT, "select": {"projects": ["kitchen"]}}


@unittest.skipUnless(os.geteuid() == 0, "only root can submit as somebody else")
class ServiceTest(SiteTest):
    """A daemon with roles, a closed project and quotas."""

    quota = {"default": {"exports": 3}, "users": {OUTSIDER: {"exports": 50}}, "system": {"exports": 100}}
    configuration = {
        "quota": quota,
        "roles": {
            "administrators": ["root"],
            "project_managers": {"users": [MANAGER]},
            "training_engineers": {"users": [OUTSIDER], "groups": [ENGINEER]},
            "trusted_submitters": [CRON],
        },
        "projects": {"kitchen": {"managers": [MANAGER], "members": {"users": [ENGINEER]}}},
    }

    def prepare(self):
        dataset = self.site.store / f"{DATASETS['flat']}.dataset.yaml"
        dataset.write_text(dataset.read_text().replace("project: kitchen", "project: yard"))

    def submit(self, name, request, user=None, uid=None):
        hidden = self.site.inbox / f".{name}.yaml"
        hidden.write_text(json.dumps(request))
        account = pwd.getpwnam(user) if user else None
        os.chown(hidden, account.pw_uid if account else uid, account.pw_gid if account else uid)
        hidden.rename(self.site.inbox / f"{name}.yaml")

    def ask(self, name, request, user):
        """Submits a request and returns its status once it has ended."""
        self.submit(name, request, user)
        return self.site.wait(name)

    def answer(self, name, request, user):
        """What a request is answered with."""
        status = self.ask(name, request, user)
        self.assertEqual(status["state"], "completed", status["error"])
        return self.site.package(status).read_text(encoding="utf-8")

    def refused(self, name, request, user, code, *mentions):
        self.submit(name, request, user)
        return self.refused_already(name, code, *mentions)

    def refused_already(self, name, code, *mentions):
        status = self.site.wait(name)
        self.assertEqual((status["state"], (status["error"] or {}).get("code")), ("failed", code), status)
        for text in mentions:
            self.assertIn(text, status["error"]["message"] + (status["error"]["hint"] or ""))
        return status

    def ctl(self, *arguments, expect=0):
        command = [programs() / "exportctl", *arguments, "--config", self.site.folder / "exportd.yaml"]
        run = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=90)
        self.assertEqual(run.returncode, expect, run.stdout + run.stderr)
        return run

    def ledger(self, sql):
        with sqlite3.connect(f"file:{self.site.folder}/state/ledger.sqlite?mode=ro", uri=True) as db:
            return db.execute(sql).fetchall()

    # Roles and projects

    def test_a_closed_project_is_open_to_its_members(self):
        status = self.ask("own", KITCHEN, ENGINEER)
        self.assertEqual((status["state"], status["user"], status["role"]), ("completed", ENGINEER, "training_engineer"), status["error"])
        refused = self.refused("all", EXPORT, OUTSIDER, "not_permitted", "kitchen", MANAGER)
        self.assertNotIn(refused["job"], self.site.jobs_in_outbox())
        preview = self.ask("look", {**EXPORT, "kind": "preview"}, OUTSIDER)["preview"]
        self.assertFalse(preview["allowed"])
        self.assertEqual([r["code"] for r in preview["refusals"]], ["not_permitted"])
        self.assertEqual([d["id"] for d in preview["datasets"]], [DATASETS["flat"]])
        preview = self.ask("mine", {**KITCHEN, "kind": "preview"}, ENGINEER)["preview"]
        self.assertTrue(preview["allowed"])
        self.assertIn(DATASETS["folder"], [d["id"] for d in preview["datasets"]])
        self.assertGreater(preview["exports"][0]["frames"], 0)
        self.assertIsNotNone(preview["eta_seconds"])
        self.refused("stranger", EXPORT, STRANGER, "not_permitted", "no role")
        self.refused("nobody", EXPORT, "nobody", "not_permitted", "does not know")
        self.refused("urgent", {**KITCHEN, "priority": "high"}, ENGINEER, "not_permitted", "priority")
        denied = self.ledger("SELECT actor FROM audit WHERE allowed = 0 ORDER BY seq")
        self.assertEqual([row[0] for row in denied], [OUTSIDER, STRANGER, "nobody", ENGINEER])
        lines = self.site.log.read_text(errors="replace").splitlines()
        for name in ("all", "stranger", "nobody", "urgent"):
            job = self.site.status(name)["job"]
            self.assertTrue(any(job in line and "not_permitted" in line for line in lines), f"nothing is logged of {name}")

    def test_jobs_on_behalf_of_others(self):
        nightly = {**KITCHEN, "on_behalf_of": ENGINEER}
        status = self.ask("cron", nightly, CRON)
        self.assertEqual((status["state"], status["user"], status["submitter"]), ("completed", ENGINEER, CRON), status["error"])
        self.assertEqual(status["quota"]["used"], 1)
        status = self.ask("manager", {**nightly, "priority": "high"}, MANAGER)
        self.assertEqual((status["state"], status["quota"]["used"]), ("completed", 2), status["error"])
        self.refused("outsider", nightly, OUTSIDER, "not_permitted", "on behalf of")
        self.refused("foreign", {**EXPORT, "on_behalf_of": OUTSIDER}, MANAGER, "not_permitted", "manages no project")
        self.refused("unknown", {**EXPORT, "on_behalf_of": "no-such-user"}, CRON, "not_permitted", "no user")
        self.refused("itself", EXPORT, CRON, "not_permitted", "no role")

    # Quota

    def test_quota_is_kept_told_and_changed(self):
        for name in ("one", "two", "three"):
            self.assertEqual(self.ask(name, KITCHEN, ENGINEER)["state"], "completed")
        refused = self.refused("four", KITCHEN, ENGINEER, "quota_exceeded", "3 exports a month", "1 too many", "root", "quota set games")
        self.assertEqual({k: refused["quota"][k] for k in ("scope", "used", "reserved", "limit", "remaining")},
                         {"scope": "user", "used": 3, "reserved": 0, "limit": 3, "remaining": 0})
        self.assertTrue(refused["quota"]["resets_at"].endswith("-01T00:00:00Z"))
        self.ctl("wait", "four", expect=4)
        public = self.site.spool / "status" / "quota" / f"{ENGINEER}.json"
        until(lambda: (read_json(public) or {}).get("used") == 3, 20, "the public file shows the usage")
        preview = self.ask("look", {**KITCHEN, "kind": "preview"}, ENGINEER)["preview"]
        self.assertEqual((preview["allowed"], preview["refusals"][0]["code"]), (False, "quota_exceeded"))

        # Through the spool, with the rights of the file's owner.
        shown = json.loads(self.answer("shown", {"kind": "quota", "action": "show"}, ENGINEER))
        self.assertEqual([(q["user"], q["used"], q["limit"]) for q in shown], [(ENGINEER, 3, 3)])
        self.refused("peek", {"kind": "quota", "action": "show", "user": ENGINEER}, OUTSIDER, "not_permitted", "root")
        self.refused("greed", {"kind": "quota", "action": "set", "user": ENGINEER, "exports": 99}, ENGINEER, "not_permitted")
        self.refused("typo", {"kind": "quota", "action": "set", "user": "gamse", "exports": 9}, "root", "request_invalid", "no user")

        self.ctl("quota", "set", ENGINEER, "--exports", "4", "--reason", "Deadline.")
        self.assertEqual(self.ctl("retry", "four").stdout.count("put back"), 1)
        self.assertEqual(self.site.wait("four", "completed")["quota"]["used"], 4)
        self.ctl("quota", "adjust", ENGINEER, "--exports=-2", "--bytes=1GiB", "--reason", "Ran twice.")
        listed = {q["user"]: q for q in json.loads(self.ctl("quota", "list", "--json").stdout)}
        self.assertEqual((listed[ENGINEER]["used"], listed[ENGINEER]["remaining"], listed["system"]["used"]), (2, 2, 2))
        self.assertEqual(listed[OUTSIDER]["limit"], 50)
        self.ctl("quota", "reset", ENGINEER, "--reason", "New month.")
        self.assertIn(f"{ENGINEER}  monthly  0 ", self.ctl("quota", "show", ENGINEER).stdout.replace("    ", "  ").replace("   ", "  "))
        until(lambda: read_json(public)["used"] == 0, 20, "the public file shows the reset")
        self.ctl("quota", "adjust", ENGINEER, "--reason", "Nothing.", expect=2)

    def test_bytes_are_refused_before_anything_is_encoded(self):
        self.ctl("quota", "set", "default", "--bytes", "1KiB")
        status = self.refused("large", KITCHEN, ENGINEER, "quota_exceeded", "bytes of this request")
        self.assertEqual((status["quota"]["reserved"], status["quota"]["bytes"]["reserved"]), (0, 0))
        self.ctl("quota", "set", "default", "--bytes", "configured")
        self.ctl("retry", "--all-failed")
        status = self.site.wait("large", "completed")
        self.assertEqual(status["quota"]["bytes"]["used"], status["exports"][0]["bytes"])

    # Jobs of others, history

    def test_history_and_jobs_of_others(self):
        self.ctl("queue", "pause")
        request = {**KITCHEN, "title": "=1+1, they say"}
        self.submit("theirs", request, ENGINEER)
        waiting = self.site.wait("theirs", "pending")
        self.refused("meddle", {"kind": "cancel", "jobs": ["theirs"]}, OUTSIDER, "not_permitted", ENGINEER)
        status = self.ask("manage", {"kind": "cancel", "jobs": ["theirs"]}, MANAGER)
        self.assertEqual(status["state"], "completed", status["error"])
        self.assertEqual(self.site.wait("theirs", "cancelled")["quota"]["reserved"], 0)
        self.ask("again", {"kind": "retry", "jobs": ["theirs"]}, ENGINEER)
        self.assertIn("paused by root", self.ctl("queue", "status").stdout)
        self.refused("resume", {"kind": "queue", "action": "resume"}, ENGINEER, "not_permitted")
        self.ctl("queue", "resume")
        done = self.site.wait("theirs", "completed", job=waiting["job"])

        def names(text):
            return [job["request"] for job in json.loads(text)]

        history = {"kind": "history", "filter": {"formats": ["hdf5"]}}
        self.assertEqual(names(self.answer("own", history, ENGINEER)), ["theirs.yaml"])
        self.assertEqual(names(self.answer("none", history, OUTSIDER)), [])
        self.assertEqual(names(self.answer("managed", history, MANAGER)), ["theirs.yaml"])
        table = list(csv.DictReader(io.StringIO(self.answer("table", {**history, "output": "csv"}, ENGINEER))))
        self.assertEqual((table[0]["job"], table[0]["sha256"]), (done["job"], done["exports"][0]["sha256"]))
        # A spreadsheet of the administrator's calculates nothing that a user wrote.
        self.assertEqual(table[0]["title"], "'=1+1, they say")

        for options in (["--user", ENGINEER, "--format", "hdf5"], ["--project", "kitchen"], ["--dataset", f"{DATASETS['folder'][:12]}*"],
                        ["--text", "THEIRS", "--format", "hdf5"], ["--state", "completed", "--format", "hdf5", "--from", "1h"]):
            self.assertEqual(names(self.ctl("history", "--json", *options).stdout), ["theirs.yaml"], options)
        self.assertEqual(names(self.ctl("history", "--json", "--to", "2020-01-01").stdout), [])
        self.ctl("history", "--text", "ab", expect=2)
        totals = json.loads(self.ctl("stats", "--json").stdout)
        self.assertEqual([(u["name"], u["completed"], u["exports"]) for u in totals["users"]], [(ENGINEER, 1, 1)])
        statistics = {"kind": "history", "output": "statistics"}
        self.assertEqual(json.loads(self.answer("sums", statistics, "root")), totals)
        self.refused("spy", statistics, MANAGER, "not_permitted", "statistics")
        self.refused("vague", {**statistics, "filter": {"users": [ENGINEER]}}, "root", "request_invalid", "from and to")

        shown = self.ctl("show", "theirs", "--verify").stdout
        self.assertIn("is whole", shown)
        self.assertIn(DATASETS["folder"], shown)
        self.assertEqual(json.loads(self.ctl("show", "theirs", "--request").stdout), request)
        with open(self.site.package(done), "r+b") as package:
            package.write(b"x")
        self.assertIn("not what was published", self.ctl("show", "theirs", "--verify", expect=1).stdout)

    # Queue

    def test_the_queue_is_paused_emptied_and_run_again(self):
        self.ctl("queue", "pause")
        for number in range(3):
            self.submit(f"w{number}", {**EXPORT, "select": {"projects": ["yard"]}}, OUTSIDER)
        for number in range(3):
            warnings = self.site.wait(f"w{number}", "pending")["warnings"]
            self.assertEqual([(w["code"], "by root" in w["message"]) for w in warnings], [("queue_paused", True)])
        self.assertEqual(self.site.stop(), 0)
        self.site.start()
        self.assertIn("paused by root", self.ctl("queue", "status").stdout)
        self.ctl("queue", "resume")
        for number in range(3):
            self.assertNotIn("queue_paused", json.dumps(self.site.wait(f"w{number}", "completed")))
        self.ctl("queue", "pause")
        self.submit("late", EXPORT, "root")
        self.site.wait("late", "pending")
        self.assertIn("1 job was cancelled", self.ctl("queue", "clear").stdout)
        self.site.wait("late", "cancelled")
        self.ctl("queue", "resume")
        self.assertIn("0 jobs were cancelled", self.ctl("queue", "purge").stdout)
        self.submit("bad", {**EXPORT, "select": {"datasets": ["missing"]}}, "root")
        self.site.wait("bad", "failed")
        self.assertIn("1 failed job was put back", self.ctl("retry", "--all-failed").stdout)
        self.assertEqual(self.site.wait("bad", "failed")["error"]["code"], "selection_empty")
        audit = [row[0] for row in self.ledger("SELECT action FROM audit WHERE allowed = 1 ORDER BY seq")]
        self.assertEqual(audit, ["queue pause", "queue resume", "queue pause", "queue clear", "queue resume", "queue purge"])

    def test_an_administrator_works_without_the_daemon(self):
        self.assertEqual(self.ask("one", KITCHEN, ENGINEER)["state"], "completed")
        self.assertEqual(self.site.stop(), 0)
        self.ctl("quota", "set", ENGINEER, "--exports", "1")
        self.ctl("queue", "pause")
        self.site.start()
        self.refused("two", KITCHEN, ENGINEER, "quota_exceeded", "1 too many")
        self.ctl("quota", "set", ENGINEER, "--exports", "unlimited")
        self.submit("three", KITCHEN, ENGINEER)
        self.site.wait("three", "pending")
        self.ctl("queue", "resume")
        self.assertEqual(self.site.wait("three")["state"], "completed")

    # Accounts that go

    def test_the_job_of_a_user_who_is_deleted_ends_and_a_waiting_one_is_refused(self):
        datasets, _ = long_store(self.site.store, 160)
        # All of them are links to one file.
        description = self.site.store / datasets[0] / "dataset.yaml"
        description.write_text(description.read_text().replace("project: kitchen", "project: yard"))
        yard = {**EXPORT, "select": {"projects": ["yard"]}}
        # Accounts of the daemon's own, of which one can be deleted.
        accounts = self.site.folder / "passwd"
        group = grp.getgrnam(ENGINEER).gr_gid
        accounts.write_text(f"{Path('/etc/passwd').read_text()}passing:x:{GONE}:{group}::/:/bin/sh\n")
        self.assertEqual(self.site.stop(), 0)
        self.site.prefix = ["unshare", "-m", "sh", "-c", f'mount --bind {accounts} /etc/passwd && exec "$@"', "sh"]
        self.site.start()
        self.submit("first", yard, uid=GONE)
        until(lambda: (s := self.site.status("first")) and s["progress"]["datasets_done"] >= 1, 60, "the first job under way")
        self.ctl("queue", "pause")
        self.submit("second", yard, uid=GONE)
        self.site.wait("second", "pending")
        self.assertEqual(self.site.status("first")["state"], "processing")
        accounts.write_text(Path("/etc/passwd").read_text())
        first = self.site.wait("first")
        self.assertEqual((first["state"], first["user"], first["quota"]["used"]), ("completed", "passing", 1), first["error"])
        self.ctl("queue", "resume")
        second = self.refused_already("second", "not_permitted", "does not know")
        self.assertEqual((second["quota"]["used"], second["quota"]["reserved"]), (1, 0))
        self.submit("third", yard, uid=GONE)
        self.refused_already("third", "not_permitted", "does not know")

    # Two at once

    def test_administrators_who_change_the_same_at_once_all_count(self):
        changes = 8
        commands = [["quota", "adjust", ENGINEER, "--exports=1", "--reason", f"By {n}."] for n in range(changes)]
        commands += [["queue", action] for action in ("pause", "resume", "pause", "resume")]
        config = str(self.site.folder / "exportd.yaml")
        running = [
            subprocess.Popen([str(programs() / "exportctl"), *c, "--config", config], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            for c in commands
        ]
        for process in running:
            text, _ = process.communicate(timeout=90)
            self.assertEqual(process.returncode, 0, text)
        usage = json.loads(self.ctl("quota", "show", ENGINEER, "--json").stdout)
        self.assertEqual((usage[0] if isinstance(usage, list) else usage)["used"], changes)
        entries = self.ledger("SELECT reason FROM quota_entries WHERE kind = 'adjust'")
        self.assertEqual({row[0] for row in entries}, {f"By {n}." for n in range(changes)})
        actions = [row[0] for row in self.ledger("SELECT action FROM audit WHERE action LIKE 'queue %' ORDER BY seq")]
        # What changes nothing is no entry.
        self.assertTrue(actions and all(one != other for one, other in zip(actions, actions[1:])), actions)
        self.assertEqual("paused by root" in self.ctl("queue", "status").stdout, actions[-1] == "queue pause")

    # Trouble with the ledger

    def test_a_locked_ledger_delays_requests_and_loses_none(self):
        self.assertEqual(self.ask("before", KITCHEN, ENGINEER)["state"], "completed")
        lock = sqlite3.connect(self.site.folder / "state" / "ledger.sqlite", isolation_level=None)
        self.addCleanup(lock.close)
        lock.execute("BEGIN IMMEDIATE")
        self.submit("during", KITCHEN, ENGINEER)
        until(lambda: "Requests can't be taken" in self.site.log_tail(200), 60, "the journal says that nothing is taken")
        self.assertIsNone(self.site.status("during"))
        self.assertTrue(self.site.alive())
        lock.execute("ROLLBACK")
        self.assertEqual(self.site.wait("during")["state"], "completed")

    def test_a_damaged_ledger_takes_no_request_and_leaves_sidecars_alone(self):
        before = self.ask("before", KITCHEN, ENGINEER)
        path = self.site.folder / "state" / "ledger.sqlite"
        # What lies in the log is brought into the database first, so that it is read from there.
        with sqlite3.connect(path) as db:
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        with open(path, "r+b") as ledger:
            ledger.seek(4096)
            ledger.write(b"\x5a" * (path.stat().st_size - 4096))
        self.submit("during", KITCHEN, ENGINEER)
        until(lambda: "damaged" in self.site.log_tail(200), 60, "the journal says that the ledger is damaged")
        self.assertTrue(self.site.alive())
        self.assertIsNone(self.site.status("during"))
        self.assertEqual(self.site.status("before"), before)
        # The claim is kept for the day when the ledger is restored.
        self.assertEqual(len([p for p in (self.site.spool / "claimed").iterdir() if not p.name.startswith(".")]), 1)
