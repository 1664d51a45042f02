"""What a check finds."""


class Differences:
    """What differs, in words; only the first few are shown."""

    def __init__(self):
        self.lines = []

    def add(self, text):
        self.lines.append(text)

    def expect(self, condition, text):
        if not condition:
            self.add(text)
        return bool(condition)
