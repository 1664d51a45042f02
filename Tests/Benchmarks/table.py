"""The table that a benchmark prints."""

COLUMNS = ("work", "ours", "peer", "ratio", "goal")


class Table:
    def __init__(self):
        self.rows = []

    def add(self, work, ours, peer="", ratio="", goal=""):
        self.rows.append((work, ours, peer, ratio, goal))
        print(" | ".join(self.rows[-1]), flush=True)

    def compare(self, work, ours, peer_name, peer, goal, unit="s"):
        """Ours against a peer's, where less is better; the ratio is how many times as much the peer takes."""
        self.add(work, f"{ours:.2f} {unit}", f"{peer_name} {peer:.2f} {unit}", f"{peer / ours:.1f}×" if ours else "", goal)

    def markdown(self):
        lines = ["| " + " | ".join(COLUMNS) + " |", "|" + "---|" * len(COLUMNS)]
        return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in self.rows])
