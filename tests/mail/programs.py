#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""programs.py - are letters of programs bounces, that quote a code and somebody's address?

usage: programs.py NDRSCAN [--keep FOLDER]

Monitors, backups, disk stations, builds, trackers, log watchers and databases send with an
empty return path, and quote what a mail server said. None of that is a bounce, whatever
path and Auto-Submitted they come with. Small mail systems send with nothing but an empty
return path, too: those below must be found. Prints TAP, a line a sort.
"""
import json
import os
import subprocess
import sys
import tempfile

# From, Subject, text
PROGRAMS = {
    "monitors": [
        ("Icinga <icinga@mon.example.net>", "PROBLEM - mx1 - SMTP is CRITICAL",
         "***** Icinga *****\n\nNotification Type: PROBLEM\nService: SMTP\nHost: mx1\nState: CRITICAL\n\n"
         "Additional Info:\n\nSMTP CRITICAL - 550 5.1.1 <probe@foreign.example> User unknown"),
        ("Zabbix <zabbix@mon.example.net>", "Mail round trip failed on mx2",
         "Problem started at 03:12:44 on 2026.03.02\nProblem name: Mail round trip failed\nHost: mx2\n"
         "Severity: High\nOperational data: 550 5.1.1 <probe@foreign.example>: Recipient address rejected: "
         "User unknown\nOriginal problem ID: 4711"),
        ("Nagios <nagios@mon.example.net>", "** RECOVERY Service Alert: mx1/SMTP is OK **",
         "Service: SMTP\nState: OK\n\nLast error was: 550 5.7.1 relaying denied for <x@foreign.example>"),
        ("Prometheus <alerts@mon.example.net>", "[FIRING:1] SmtpProbeFailed (mx1 page)",
         "1 alert for alertname=SmtpProbeFailed\n\nLabels\n - instance = mx1\n - severity = page\n"
         "Annotations\n - description = probe could not deliver: 550 5.1.1 <probe@foreign.example> unknown user"),
        ("Checkmk <cmk@mon.example.net>", "Check_MK: mx1/Mail loop OK -> CRIT",
         "Host:     mx1\nService:  Mail loop\nEvent:    OK -> CRIT\nOutput:   Mail to <probe@foreign.example> "
         "was rejected: 550 5.1.1 mailbox unavailable\nPerfdata: time=0.1s"),
        ("Uptime <bot@up.example.net>", "mx1 is down",
         "Monitor mx1 (SMTP) is DOWN since 08:15. Reason: 554 5.7.1 <probe@foreign.example>: Relay access denied."),
        ("PRTG <prtg@mon.example.net>", "SMTP round trip Down (mx1)",
         "Sensor SMTP round trip on mx1 is Down.\n\nMessage: 550 5.1.1 <probe@foreign.example> does not exist "
         "(the mail was not delivered)"),
        ("Sensu <sensu@mon.example.net>", "ALERT mx1/check-smtp: exit 2",
         "check-smtp on mx1 exited with 2\nOutput: SMTP error: recipient <probe@foreign.example> refused: "
         "550 5.1.1 no such user"),
        ("Überwachung <monitor@mon.example.net>", "Störung: Mailserver mx1",
         "Dienst: SMTP\nStatus: KRITISCH\nMeldung: 550 5.1.1 <probe@foreign.example> unbekannter Empfänger, "
         "Testmail konnte nicht zugestellt werden"),
        ("Supervision <sup@mon.example.net>", "Alerte : service SMTP en erreur",
         "Service : SMTP\nEtat : CRITIQUE\nSortie : 550 5.1.1 <probe@foreign.example> utilisateur inconnu"),
        ("Grafana <grafana@mon.example.net>", "[Alerting] Bounces per minute",
         "Bounces per minute is 230, above 100.\nMost seen: 550 5.1.1 <kim@foreign.example>: user unknown (117 "
         "messages could not be delivered)"),
        ("monit <monit@mx1.example.net>", "monit alert -- Connection failed postfix",
         "Connection failed Service postfix\n\n Date: Mon, 02 Mar 2026\n Action: alert\n Host: mx1\n "
         "Description: failed protocol test [SMTP]: 550 5.1.1 <probe@foreign.example> unknown recipient"),
    ],
    "backups": [
        ("Backup <backup@nas.example.net>", "Backup of db1 finished with warnings",
         "Job db1 finished.\n\nWarnings: the report could not be mailed to <boss@foreign.example>: 550 5.1.1 user "
         "unknown"),
        ("Bacula <bacula@bk.example.net>", "Bacula: Backup OK of mx1-fd Full",
         "02-Mar 03:10 bacula-dir JobId 99: No prior jobs\n02-Mar 03:20 bacula-dir JobId 99: mail to "
         "ops@foreign.example failed: 550 5.1.1 mailbox not found\nTermination: Backup OK"),
        ("Veeam <veeam@bk.example.net>", "[Warning] Mail server backup (1 objects)",
         "Backup job: Mail server\nWarning 1\nUnable to truncate logs. Notification to it@foreign.example failed: "
         "554 5.7.1 sender rejected"),
        ("borg <root@bk.example.net>", "borgmatic: errors in /etc/borgmatic/config.yaml",
         "mx1: Error running configuration file\nhook smtp: 550 5.1.1 <ops@foreign.example>: Recipient address "
         "rejected"),
        ("Duplicati <dup@bk.example.net>", "Duplicati Backup report for mail",
         "Failed: Mailbox unavailable. The server response was: 550 5.1.1 <me@foreign.example> no such user\n"
         "Details: System.Net.Mail.SmtpException"),
        ("restic <restic@bk.example.net>", "restic mx1: 1 error",
         "snapshot 12ab saved\nerror: can not send summary to <ops@foreign.example>, 552 5.2.2 mailbox full"),
        ("Proxmox <root@pve.example.net>", "vzdump backup status (pve.example.net): backup failed",
         "VMID NAME STATUS TIME SIZE\n101 mx1 FAILED 00:10:01 0\n\nDetailed logs\n101: INFO: mail to "
         "<ops@foreign.example>: 550 5.1.1 unknown user"),
        ("Acronis <acronis@bk.example.net>", "Sicherungsplan Postserver fehlgeschlagen",
         "Der Sicherungsplan ist fehlgeschlagen.\nDie Benachrichtigung an <chef@foreign.example> konnte nicht "
         "gesendet werden: 550 5.1.1 Empfänger unbekannt"),
        ("Amanda <amanda@bk.example.net>", "daily AMANDA MAIL REPORT FOR March 2",
         "FAILURE DUMP SUMMARY:\n  mx1 /var/mail lev 0 FAILED [data timeout]\nNOTES:\n  mailto ops@foreign.example "
         "bounced, 550 5.1.1 user unknown"),
        ("rsnapshot <root@bk.example.net>", "rsnapshot daily: 2 errors",
         "ERROR: /usr/bin/rsync returned 23\nERROR: sendmail: ops@foreign.example... 550 5.1.1 User unknown"),
        ("Copie <root@bk.example.net>", "Sauvegarde du serveur : échec",
         "La sauvegarde a échoué.\nLe rapport pour <chef@foreign.example> n'a pas pu être envoyé : 550 5.1.1 inconnu"),
        ("Commvault <cv@bk.example.net>", "Alert: Job failed 8812",
         "Detected Criteria: Job failed\nJob ID: 8812\nFailure Reason: E-mail to <ops@foreign.example> undeliverable, "
         "550 5.1.1"),
    ],
    "disk stations": [
        ("nas1 <nas@nas.example.net>", "[nas1] Test notification failed",
         "The system was unable to send a notification to <me@foreign.example>. Response: 550 5.1.1 user unknown.\n\n"
         "From nas1"),
        ("nas1 <nas@nas.example.net>", "[nas1] Storage pool 1 degraded",
         "Storage pool 1 has degraded. A previous alert for you and <me@foreign.example> was refused (550 5.1.1)."),
        ("QNAP <nas@nas.example.net>", "[Warning][Notification Center] from nas2",
         "NAS Name: nas2\nSeverity: Warning\nCategory: Delivery\nMessage: [Notification Center] Failed to send mail to "
         "\"me@foreign.example\". Error: 550 5.1.1 mailbox unavailable"),
        ("TrueNAS <root@nas.example.net>", "TrueNAS @ nas3 - Alerts",
         "New alerts:\n* Failed to send email: (550, '5.1.1 <me@foreign.example> Recipient unknown')\n\nCurrent "
         "alerts:\n"
         "* Pool tank is ONLINE"),
        ("UPS <ups@nas.example.net>", "UPS on battery",
         "The UPS is on battery since 10:11.\nSMTP log: me@foreign.example 550 5.1.1 rejected"),
        ("Drucker <drucker@example.net>", "Scan an E-Mail fehlgeschlagen",
         "Gerät: Drucker 3. OG\nVorgang: Scan an E-Mail\nZiel: <kunde@foreign.example>\nErgebnis: 550 5.1.1 "
         "Empfänger unbekannt"),
        ("MFP <mfp@example.net>", "Transmission report",
         "Job 0042\nDestination kunde@foreign.example\nResult NG 550 5.1.1 user unknown\nPages 3"),
        ("Camera <cam@example.net>", "Motion at gate",
         "Motion detected at 02:11. Picture for guard@foreign.example not sent (SMTP 550 5.1.1)."),
        ("Router <fritz@example.net>", "Push Service: events",
         "02.03.26 03:10:01 Push Service mail to me@foreign.example failed: 550 5.1.1 mailbox unavailable\n"
         "02.03.26 03:10:02 DSL synchronised"),
        ("Dell iDRAC <idrac@example.net>", "System Event: PSU1",
         "Event: PSU redundancy lost\nSystem: srv9\nLog: mail alert to ops@foreign.example returned 550 5.1.1 unknown"),
        ("nas1 <nas@nas.example.net>", "[nas1] 通知の送信に失敗",
         "nas1 は <me@foreign.example> に通知を送信できませんでした。応答: 550 5.1.1 user unknown"),
        ("nas1 <nas@nas.example.net>", "[nas1] Error al enviar la notificación",
         "nas1 no pudo enviar la notificación a <me@foreign.example>: 550 5.1.1 usuario desconocido"),
    ],
    "builds": [
        ("Jenkins <jenkins@ci.example.net>", "Build failed in Jenkins: mail-tests #812",
         "See https://ci.example.net/812\n\nFAILED test_bounce: expected '550 5.1.1 <x@foreign.example> User unknown'\n"
         "1 failed, 40 passed"),
        ("GitLab <gitlab@ci.example.net>", "mailer | Failed pipeline for main | 9ab2",
         "Pipeline #77 has failed!\n\nJob #12: smtp_spec.rb\n  Net::SMTPFatalError: 550 5.1.1 <x@foreign.example> "
         "unknown "
         "recipient"),
        ("Buildbot <bot@ci.example.net>", "Buildbot: build Failed in mailer on main",
         "A failed build has been detected on builder linux.\nLog: AssertionError: 'message could not be delivered to "
         "x@foreign.example: 554 5.0.0'"),
        ("Actions <ci@ci.example.net>", "[org/mailer] Run failed: tests - main (9ab2)",
         "tests: All jobs have failed\n\nunit: smtp: 550 5.1.1 x@foreign.example: no such mailbox"),
        ("Cron <root@ci.example.net>", "Cron <ci@build> make check",
         "FAIL: test_dsn\n  got <x@foreign.example>: host mx.foreign.example said: 550 5.1.1 User unknown"),
        ("TeamCity <tc@ci.example.net>", "Build Mailer #99 failed",
         "Tests failed: 1 (1 new)\nBounceTest.testUnknown: expected 550 5.1.1 for x@foreign.example but was 250"),
        ("Deploy <deploy@ci.example.net>", "Deploy of mailer to prod: rolled back",
         "Smoke test: RCPT TO:<x@foreign.example> answered 550 5.7.1 relaying denied. Rolled back to v11."),
        ("Sentry <sentry@ci.example.net>", "MAILER-3F - SMTPRecipientsRefused",
         "New issue in production\n\nSMTPRecipientsRefused: {'x@foreign.example': (550, b'5.1.1 user unknown')}\n\n"
         "File mailer.py, line 12, in send"),
        ("Rollbar <rb@ci.example.net>", "[Production] New Error: #19 SMTPFatalError",
         "SMTPFatalError: 550 5.1.1 <x@foreign.example>: Recipient address rejected\n10th occurrence"),
        ("Drone <drone@ci.example.net>", "[FAILURE] org/mailer (main - 9ab2)",
         "step integration: exit 1\nundeliverable: x@foreign.example (550 5.1.1)"),
        ("Robot <robot@ci.example.net>", "Nightly: 2 failures",
         "smtp-in 41 ok\nsmtp-out 39 ok, 2 failed: x@foreign.example 550 5.1.1, y@foreign.example 552 5.2.2"),
        ("Airflow <airflow@ci.example.net>", "Airflow alert: <TaskInstance: newsletter.send [failed]>",
         "Try 1 out of 2\nException:\n(550, b'5.1.1 <x@foreign.example> recipient not found')\nLog: Link"),
    ],
    "tickets and forms": [
        ("Service Desk <desk@example.net>", "New request 8123: mail to a customer fails",
         "Requester: Kim\nCategory: Mail\nDescription: a customer cannot be reached, I get 550 5.1.1 "
         "<kim@foreign.example> user unknown"),
        ("Helpdesk <help@example.net>", "Ticket 12 assigned to you",
         "Summary: mails to kim@foreign.example come back\n\nThe user writes: \"550 5.1.1 recipient rejected\""),
        ("Website <www@example.net>", "Contact form: question",
         "Name: Kim\nE-mail: kim@foreign.example\nMessage: your shop says 550 5.1.1 recipient unknown when I write "
         "to you"),
        ("CRM <crm@example.net>", "Contact Kim was marked invalid",
         "Contact: Kim\nAddress: kim@foreign.example\nReason: hard bounce (550 5.1.1)\nCampaign: Spring"),
        ("Newsletter <news@example.net>", "Campaign Spring: delivery statistics",
         "Sent 1200\nBounced 2\n  kim@foreign.example 550 5.1.1 user unknown\n  lee@foreign.example 552 5.2.2 "
         "mailbox full"),
        ("Shop <shop@example.net>", "Order 71: customer not reachable",
         "The confirmation for order 71 to kim@foreign.example bounced with 550 5.1.1. Please call the customer."),
        ("Forum <forum@example.net>", "Members with bouncing addresses",
         "1 member was set to no-mail: kim@foreign.example (550 5.1.1 user unknown)"),
        ("Statuspage <status@example.net>", "Incident: outgoing mail rejected",
         "Investigating: mails to foreign.example are refused with 550 5.7.1, e.g. <kim@foreign.example>."),
        ("Abuse desk <reports@example.net>", "Case 99 opened",
         "Reporter: kim@foreign.example\nEvidence: 554 5.7.1 rejected, listed at bl.example.org"),
        ("Telefonanlage <pbx@example.net>", "Neue Sprachnachricht nicht versandt",
         "Nebenstelle 12: Die Sprachnachricht an kim@foreign.example wurde abgewiesen (550 5.1.1)."),
        ("Bewerbungen <jobs@example.net>", "Neue Bewerbung",
         "Name: Kim\nAdresse: kim@foreign.example\nHinweis: Eingangsbestätigung abgelehnt, 550 5.1.1 unbekannt"),
        ("Survey <survey@example.net>", "Invitations: 1 of 90 failed",
         "kim@foreign.example - SMTP error 550 5.1.1 - no such user here"),
    ],
    "log watchers": [
        ("Fail2Ban <f2b@mx1.example.net>", "[Fail2Ban] postfix: banned 192.0.2.7 from mx1",
         "The IP 192.0.2.7 has just been banned by Fail2Ban after 5 attempts against postfix.\n\nLines:\n"
         "mx1 postfix/smtpd[11]: NOQUEUE: reject: RCPT from unknown[192.0.2.7]: 550 5.1.1 <x@foreign.example>: "
         "Recipient "
         "address rejected: User unknown"),
        ("Logwatch <logwatch@mx1.example.net>", "Logwatch for mx1 (Linux)",
         "--------------------- Postfix Begin ------------------------\n\n 3 Rejected\n 2 5.1.1 user unknown\n   2 "
         "x@foreign.example\n\n---------------------- Postfix End -------------------------"),
        ("logcheck <logcheck@mx1.example.net>", "mx1 2026-03-02 03:02 System Events",
         "System Events\n=-=-=-=-=-=-=\nMar  2 03:01:10 mx1 postfix/smtp[99]: 4F1: to=<x@foreign.example>, relay=mx, "
         "dsn=5.1.1, status=bounced (host mx said: 550 5.1.1 user unknown)"),
        ("Cron <root@mx1.example.net>", "Cron <root@mx1> /usr/local/bin/mailq-report",
         "-Queue ID-  --Size-- ----Arrival Time---- -Sender/Recipient-------\n4F1A 1200 Mon Mar 2 03:00 a@example.net\n"
         "(host mx.foreign.example said: 452 4.2.2 mailbox full)\n         x@foreign.example"),
        ("pflogsumm <root@mx1.example.net>", "mx1 mail report for Mar 1",
         "message bounce detail (by relay)\n  mx.foreign.example\n    1  550 5.1.1 x@foreign.example user unknown"),
        ("Wazuh <wazuh@mx1.example.net>", "(mx1) any->/var/log/mail.log - Alert level 5",
         "Rule: 3301 fired (level 5) -> \"Attempt to use mail server as relay\"\nPortion of the log(s):\n\n550 5.7.1 "
         "<x@foreign.example>: relaying denied"),
        ("swatch <swatch@mx1.example.net>", "mx1: matched line",
         "exim[77]: 1abc ** x@foreign.example R=dns T=smtp: 550 5.1.1 unknown user"),
        ("auditd <root@mx1.example.net>", "Daily audit",
         "mail.log: 3 x \"550 5.1.1 <x@foreign.example>... User unknown\"\nauth.log: nothing"),
        ("eximstats <root@mx1.example.net>", "Exim statistics",
         "List of errors\n  1 - x@foreign.example R=dnslookup: SMTP error: 550 5.1.1 mailbox not found\n\nErrors: 1"),
        ("Graylog <graylog@mx1.example.net>", "Graylog alert for stream: mail: 5 messages",
         "Stream: mail\nDescription: more than 4 messages with status=bounced\n\nLast "
         "messages:\nto=<x@foreign.example> "
         "550 5.1.1 unknown"),
        ("anacron <root@mx1.example.net>", "Anacron job 'cron.daily' on mx1",
         "/etc/cron.daily/report:\nsendmail: x@foreign.example: 550 5.1.1 user unknown\nrun-parts: exited with "
         "return code 1"),
        ("systemd <root@mx1.example.net>", "mx1: unit newsletter.service failed",
         "newsletter.service: Main process exited, status=1/FAILURE\nMar 02 newsletter[9]: undeliverable "
         "x@foreign.example "
         "550 5.1.1"),
    ],
    "databases": [
        ("SQL Server <sql@db.example.net>", "SQL Server Job System: 'nightly' completed on DB1",
         "JOB RUN: 'nightly' was run at 03:00\nSTATUS: Failed\nMESSAGES: The mail could not be sent to the recipients "
         "because of the mail server failure. (550 5.1.1 <dba@foreign.example> user unknown)"),
        ("Oracle <em@db.example.net>", "EM Event: Critical: DB1 - tablespace USERS 97% full",
         "Target: DB1\nSeverity: Critical\nNotification to dba@foreign.example: ORA-29279: SMTP permanent error: "
         "550 5.1.1"),
        ("Postgres <postgres@db.example.net>", "pgBackRest check: stale",
         "stanza main: status error\nprevious notice to dba@foreign.example refused: 550 5.1.1 unknown user"),
        ("Report <report@db.example.net>", "Addresses rejected yesterday",
         "address | code | reason\nkim@foreign.example | 550 5.1.1 | user unknown\nlee@foreign.example | 552 5.2.2 "
         "| full"),
        ("MySQL <mysql@db.example.net>", "Query report: bounces",
         "+---------------------+-----------+\n| kim@foreign.example | 550 5.1.1 "
         "|\n+---------------------+-----------+\n"
         "1 row in set"),
        ("SAP <sap@db.example.net>", "SOST: send requests with errors",
         "Request 77: kim@foreign.example, 550 5.1.1 unknown user, message not delivered\nRequest 78: sent"),
        ("ERP <erp@db.example.net>", "Rechnungsversand: 1 Fehler",
         "Beleg 4711 an kim@foreign.example: 550 5.1.1 Empfänger unbekannt\nBeleg 4712: versandt"),
        ("Reporting <ssrs@db.example.net>", "Subscription failed: Sales",
         "Failure sending mail: Mailbox unavailable. The server response was: 550 5.1.1 <kim@foreign.example>"),
        ("BI <bi@db.example.net>", "Data quality: customers",
         "Column e_mail: 1 value without a mailbox: kim@foreign.example (checked by SMTP, 550 5.1.1 no such user)"),
        ("LDAP sync <sync@db.example.net>", "Directory sync: 1 conflict",
         "user kim: proxyAddresses kim@foreign.example rejected (5.1.1 recipient not found)"),
        ("Payroll <pay@db.example.net>", "Payslips March: 1 not sent",
         "Payslips sent: 80\nNot delivered: kim@foreign.example - 550 5.1.1 mailbox disabled"),
        ("Archiv <archiv@db.example.net>", "Archivlauf: Protokoll",
         "Verarbeitet 900\nFehler 1: kim@foreign.example 550 5.1.1 Postfach nicht gefunden"),
    ],
}

# What speaks for a mail system is an empty return path alone, and what is said.
BOUNCES = [
    ("Example Mail <mail@example.org>", "Undeliverable: minutes",
     "Your message to <kim@foreign.example> could not be delivered: 550 5.1.1 user unknown"),
    ("Post <post@example.org>", "Sorry",
     "We could not deliver your message to the following address:\n\nkim@foreign.example\n550 5.1.1 No such user"),
    ("Relay <relay@example.org>", "Your mail",
     "The following message could not be delivered to kim@foreign.example (554 5.7.1 refused)."),
    ("Relay <relay@example.org>", "Returned mail: minutes", "<kim@foreign.example>: 550 5.1.1 user unknown"),
    ("MX <mx@example.org>", "Ihre Nachricht",
     "Ihre Nachricht konnte nicht zugestellt werden.\n\nkim@foreign.example: 550 5.1.1 unbekannt"),
    ("MX <mx@example.org>", "Votre message",
     "Votre message n'a pas pu être remis à kim@foreign.example : 550 5.1.1 utilisateur inconnu"),
    ("MX <mx@example.org>", "Su mensaje",
     "No se pudo entregar su mensaje a kim@foreign.example: 550 5.1.1 usuario desconocido"),
    ("MX <mx@example.org>", "Minutes",
     "Delivery to the following recipient failed permanently:\n\nkim@foreign.example\n\n550 5.1.1 user unknown"),
    ("MX <mx@example.org>", "Minutes",
     "The mail you sent to kim@foreign.example was not delivered, because the server said 550 5.1.1 unknown."),
    ("MX <mx@example.org>", "Minutes",
     "Dear customer,\n\nyour e-mail to kim@foreign.example has been returned. Reason: 552 5.2.2 mailbox full."),
    ("MX <mx@example.org>", "Delivery failure", "kim@foreign.example\n550 5.1.1 mailbox unavailable"),
    ("MX <mx@example.org>", "Mail delivery failed",
     "This message was created automatically.\n\nA message that you sent has not been delivered to "
     "kim@foreign.example: 550 5.1.1"),
]

# Of these nobody can be sure: no bounces, and not passed over in silence either.
DOUBTED = [
    ("Post <post@example.org>", "Your mail",
     "Dear Kim,\n\nyour e-mail to kim@foreign.example could not be delivered: 550 5.1.1 user unknown.\n\nBest regards"),
    ("Post <post@example.org>", "Ihre Mail",
     "Sehr geehrte Frau Kim,\n\nIhre Nachricht konnte nicht zugestellt werden: kim@foreign.example 550 5.1.1"),
    ("Relay <relay@example.org>", "Minutes",
     "This is what came up today in our network.\n\nYour message to kim@foreign.example was not delivered: 550 5.1.1"),
    ("Relay <relay@example.org>", "Minutes", "kim@foreign.example: 550 5.1.1 user unknown"),
]

PATHS = {"": "Return-Path: <>\n", "generated": "Return-Path: <>\nAuto-Submitted: auto-generated\n",
         "daemon's path": "Return-Path: <MAILER-DAEMON>\n"}


def write(folder, sort, rows):
    """The paths of one sort's messages, each with its subject."""
    made = {}
    for how, head in PATHS.items():
        for number, (sender, subject, text) in enumerate(rows):
            path = os.path.join(folder, "%s-%02d-%s.eml" % (sort, number, how)).replace(" ", "-")
            with open(path, "w", encoding="utf-8") as f:
                f.write("%sFrom: %s\nTo: user@example.com\nSubject: %s\nMIME-Version: 1.0\nContent-Type: text/plain; "
                        "charset=utf-8\n\n%s\n" % (head, sender, subject, text))
            made[path] = "%s %s" % (subject, how)
    return made


def kinds(ndrscan, paths):
    run = subprocess.run([ndrscan, "scan", "--quiet", "--no-windows", "--format", "message", "--emit", "all",
                          "--files-from", "-"], input="".join(p + "\n" for p in paths), check=True, text=True,
                         stdout=subprocess.PIPE)
    records = [json.loads(line) for line in run.stdout.splitlines()]
    return {r["source"]: (r.get("kind") or "none", r.get("rule"), r["flags"]) for r in records}


def is_right(want, said):
    if said is None or (said[0] == "failed") != (want == "bounces"):
        return False
    return want != "suspects" or "suspect" in said[2]


def main():
    wrong = 0
    print("1..%d" % (len(PROGRAMS) + 2))
    sorts = list(PROGRAMS.items()) + [("small mail systems", BOUNCES), ("no sure sender", DOUBTED)]
    with tempfile.TemporaryDirectory(prefix="programs.") as folder:
        folder = sys.argv[3] if sys.argv[2:3] == ["--keep"] else folder
        for n, (sort, rows) in enumerate(sorts, 1):
            made = write(folder, sort, rows)
            said = kinds(sys.argv[1], made)
            want = "bounces" if rows is BOUNCES else "suspects" if rows is DOUBTED else "no bounces"
            bad = [p for p in made if not is_right(want, said.get(p))]
            print("%s %d - %d letters of %s are %s" % ("not ok" if bad else "ok", n, len(made), sort, want))
            for path in bad:
                print("# %s: %s" % (made[path], said.get(path)))
            wrong += len(bad)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
