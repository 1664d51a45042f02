"""People and programs that are told of a job's end, by e-mail and by the site's own command."""
import email
import email.policy
import json
import os

from harness import DATASETS, SiteTest, until

FOLDER = DATASETS["folder"]


class Notification(SiteTest):
    def prepare(self):
        self.told = self.site.folder / "told"
        self.told.mkdir()

    def program(self, name, text):
        path = self.site.folder / name
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)
        return str(path)

    def configure(self, **notify):
        self.site.stop()
        self.site.configuration["notify"] = notify
        self.site.write_configuration()
        self.site.start()

    def files(self, pattern, count):
        return until(lambda: (f := sorted(self.told.glob(pattern))) and len(f) >= count and f, 30, f"{count} × {pattern}")

    def ask(self, name, title, notify, **more):
        self.site.submit(name, {"title": title, "select": {"datasets": [FOLDER]}, "exports": [{"format": "json"}], "notify": notify, **more})

    def test_a_mail_says_what_came_out_and_survives_any_title(self):
        # The message is complete once its file has its final name.
        mailer = self.program("mailer", f'f={self.told}/$$; cat > $f; echo "$@" > $f.args; mv $f $f.mail')
        self.configure(sendmail=mailer, **{"from": "exportd@lab.example"})
        title = "Küche <b>“&”</b> 厨房 " + "ä" * 80
        self.ask("good", title, {"email": ["alice@lab.example", "bob@lab.example"]})
        status = self.site.wait("good", "completed")
        mails = [email.message_from_bytes(f.read_bytes(), policy=email.policy.default) for f in self.files("*.mail", 2)]
        self.assertEqual({m["To"] for m in mails}, {"alice@lab.example", "bob@lab.example"})
        for mail in mails:
            self.assertEqual(mail["Subject"], f"exportd: {title} completed")
            self.assertEqual(mail["From"], "exportd <exportd@lab.example>")
            body = mail.get_content()
            for text in (title, status["job"], status["exports"][0]["file"], status["exports"][0]["sha256"]):
                self.assertIn(text, body)
        arguments = {f.read_text().strip() for f in self.told.glob("*.args")}
        self.assertEqual(arguments, {f"-i -f exportd@lab.example -- {to}@lab.example" for to in ("alice", "bob")})

    def test_only_the_ends_that_were_asked_for_are_told(self):
        mailer = self.program("mailer", f'f={self.told}/$$; cat > $f; mv $f $f.mail')
        self.configure(sendmail=mailer)
        self.ask("good", "Good", {"email": ["alice@lab.example"], "on": ["failed"]})
        self.site.wait("good", "completed")
        self.site.submit("bad", {"title": "Bad", "select": {"datasets": ["no-*"]}, "exports": [{"format": "json"}],
                                 "notify": {"email": ["alice@lab.example"], "on": ["failed"]}})
        error = self.assertFailed("bad", "selection_empty")
        [path] = self.files("*.mail", 1)
        mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        self.assertEqual(mail["Subject"], "exportd: Bad failed")
        self.assertIn(error["message"], mail.get_content())

    def test_the_site_command_gets_the_status_and_a_hanging_one_harms_no_job(self):
        hanging = self.program("notify", f'cat > {self.told}/part.$EXPORTD_EVENT; mv {self.told}/part.$EXPORTD_EVENT {self.told}/$EXPORTD_EVENT.json; echo $$ > {self.told}/pid; sleep 600')
        self.configure(command=[hanging, "lab"], timeout="1s")
        self.ask("good", "Good", {"email": ["nobody@lab.example"]})
        status = self.site.wait("good", "completed")
        told = json.loads(self.files("completed.json", 1)[0].read_text())
        self.assertEqual((told["job"], told["state"], told["exports"]), (status["job"], "completed", status["exports"]))
        pid = int(until(lambda: (self.told / "pid").exists() and (self.told / "pid").read_text().strip(), 10, "the command's number"))
        until(lambda: not os.path.exists(f"/proc/{pid}"), 30, "the end of the command that hangs")
        self.ask("more", "More", {"email": ["nobody@lab.example"]})
        self.assertEqual(self.site.wait("more", "completed")["state"], "completed")

    def test_what_was_not_delivered_is_tried_again_by_the_next_daemon(self):
        import sqlite3
        self.configure(sendmail=str(self.site.folder / "not-there"))
        self.ask("good", "Good", {"email": ["alice@lab.example"]})
        self.site.wait("good", "completed")
        ledger = self.site.folder / "state" / "ledger.sqlite"

        def row():
            with sqlite3.connect(ledger) as database:
                return database.execute("SELECT tries, state, error FROM notifications").fetchone()

        until(lambda: row()[0] == 1, 20, "the first try")
        tries, state, error = row()
        self.assertEqual(state, "waiting")
        self.assertIn("not-there", error)
        self.site.kill()
        with sqlite3.connect(ledger) as database:
            database.execute("UPDATE notifications SET next_try_ns = 1")
        mailer = self.program("mailer", f'f={self.told}/$$; cat > $f; mv $f $f.mail')
        self.site.configuration["notify"] = {"sendmail": mailer}
        self.site.write_configuration()
        self.site.start()
        self.files("*.mail", 1)
        until(lambda: row()[1] == "sent", 20, "the note that it was sent")

    def test_addresses_that_could_carry_more_than_an_address_are_refused(self):
        self.configure()
        for number, address in enumerate(["a@b\nBcc: c@d", "-oQ/tmp@lab.example", "alice", "alice@", "a b@lab.example", "a@lab..example", "a@-lab.example"]):
            self.ask(f"bad{number}", "Bad", {"email": [address]})
            self.assertFailed(f"bad{number}", "request_invalid", mentions=["notify.email"])
