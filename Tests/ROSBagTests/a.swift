import ROSBag
