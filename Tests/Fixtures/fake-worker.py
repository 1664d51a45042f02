"""A worker that speaks the protocol and does as its scenario says.

argv[1] is the scenario's folder: plan.json is what `plan` writes, summary.json what it answers; behaviour.json maps a step
("plan", "encode 0", "assemble 0") to the list of what to do at its first, second, ... time ("ok" when the list is over).
Every step is appended to the file `log` in that folder.
"""
import json, os, signal, sys, time

scenario = sys.argv[1]


def load(name, default=None):
    try:
        with open(os.path.join(scenario, name)) as file:
            return json.load(file)
    except FileNotFoundError:
        return default


def say(identifier, event, value):
    sys.stdout.write(json.dumps({"id": identifier, "event": {event: {"_0": value}}}) + "\n")
    sys.stdout.flush()


def note(step):
    path = os.path.join(scenario, "log")
    with open(path, "a") as file:
        file.write(f"{step} {os.getpid()}\n")
    with open(path) as file:
        return sum(1 for line in file if line.rsplit(" ", 1)[0] == step)


def error(code, message, dataset=None, retryable=False):
    fault = {"code": code, "message": message, "retryable": retryable, "details": []}
    if dataset:
        fault["location"] = {"dataset": dataset}
    return fault


def finish(path, value):
    with open(path + ".tmp", "w") as file:
        json.dump(value, file)
    os.rename(path + ".tmp", path)


def misbehave(identifier, action, dataset):
    """Whether the action ends the command."""
    word, _, rest = action.partition(" ")
    if word == "crash":
        sys.stderr.write("fake worker: about to crash\n")
        sys.stderr.flush()
        os.kill(os.getpid(), signal.SIGSEGV)
    if word == "exit":
        os._exit(int(rest))
    if word == "hang":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        while True:
            time.sleep(3600)
    if word == "wait":  # until the file is there, saying so all the time
        done = 0.0
        while not os.path.exists(os.path.join(scenario, rest)):
            done = min(0.9, done + 0.01)
            say(identifier, "progress", {"fraction": done, "dataset": dataset, "bytesRead": 1, "bytesWritten": 1})
            time.sleep(0.02)
    if word == "garble":
        print("no reply at all", flush=True)
    if word == "long":
        sys.stdout.write("x" * (17 << 20))
        sys.stdout.flush()
    if word == "fail":
        code, _, place = rest.partition(" ")
        say(identifier, "failed", error(code, f"The fake worker fails with {code}.", place or None, code in ("io_error", "storage_full")))
        return True
    return False


def plan(identifier, order):
    if order.get("work"):
        finish(os.path.join(order["work"], "plan.json"), {**load("plan.json"), "job": order["job"], "name": order["name"]})
    say(identifier, "planned", load("summary.json"))


def encode(identifier, order):
    part = json.load(open(os.path.join(order["work"], "plan.json")))["parts"][order["part"]]
    folder = os.path.join(order["work"], "parts", part["key"])
    data = b"part %d\n" % part["index"]
    if not os.path.exists(folder):
        temporary = os.path.join(order["work"], "parts", f".{part['key']}.tmp-{os.getpid()}")
        os.makedirs(temporary)
        with open(os.path.join(temporary, "data"), "wb") as file:
            file.write(data)
        finish(os.path.join(temporary, "contents.json"), {"files": [{"path": "data", "bytes": len(data)}]})
        record = {
            "key": part["key"], "episodes": 1, "frames": 10, "bytesRead": 100, "bytesWritten": len(data), "warnings": [], "streams": [],
            "detail": "{}",
        }
        finish(os.path.join(temporary, "part.json"), record)
        os.rename(temporary, folder)
    say(identifier, "progress", {"fraction": 0.5, "bytesRead": 50, "bytesWritten": 3})
    summary = {"reused": False, "episodes": 1, "frames": 10, "bytesRead": 100, "bytesWritten": len(data), "warnings": []}
    say(identifier, "encoded", summary)


def assemble(identifier, order):
    plan = json.load(open(os.path.join(order["work"], "plan.json")))
    skipped = set()
    path = os.path.join(order["work"], "skipped.json")
    if os.path.exists(path):
        skipped = {entry["id"] for entry in json.load(open(path))}
    package = b""
    for part in plan["parts"]:
        if part["export"] == order["export"] and plan["datasets"][part["dataset"]]["id"] not in skipped:
            package += open(os.path.join(order["work"], "parts", part["key"], "data"), "rb").read()
    name = f"{plan['name']}_{order['export']}.tar.gz"
    try:
        with open(os.path.join(order["destination"], name), "wb") as file:
            file.write(package)
    except OSError as fault:  # the spool is away
        say(identifier, "failed", error("io_error", str(fault), retryable=True))
        return
    summary = {"file": name, "bytes": len(package), "sha256": "0" * 64, "episodes": 1, "frames": 10, "warnings": []}
    say(identifier, "assembled", summary)


for line in sys.stdin:
    command = json.loads(line)
    (kind, payload), = command["order"].items()
    order = payload["_0"]
    step = {"plan": "plan", "encode": f"encode {order.get('part')}", "assemble": f"assemble {order.get('export')}"}[kind]
    times = note(step)
    actions = load("behaviour.json", {}).get(step, [])
    action = actions[times - 1] if times <= len(actions) else "ok"
    dataset = None
    if kind == "encode":
        read = json.load(open(os.path.join(order["work"], "plan.json")))
        dataset = read["datasets"][read["parts"][order["part"]]["dataset"]]["id"]
    if not misbehave(command["id"], action, dataset):
        {"plan": plan, "encode": encode, "assemble": assemble}[kind](command["id"], order)
