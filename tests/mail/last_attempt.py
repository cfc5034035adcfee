#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""last_attempt.py - has mail failed that is late and will not be tried again, in every language?

usage: last_attempt.py NDRSCAN

A delay names its end, too ("if it fails, no further attempts are made"): that is no end yet.
Prints TAP, a line a kind.
"""
import os
import sys
import tempfile

sys.dont_write_bytecode = True
from programs import kinds  # noqa: E402

LAST = [
    ("en", "Your message to kim@foreign.example could not be delivered. Delivery was retried for 5 days and has "
     "been given up."),
    ("en2", "Delivery of your message to kim@foreign.example has been delayed for 5 days. No further attempts will "
     "be made."),
    ("en3", "The message was retried for 3 days without success and has been given up: kim@foreign.example"),
    ("en4", "Your message to kim@foreign.example has not yet been delivered. It will not be tried again."),
    ("de", "Die Zustellung Ihrer Nachricht an kim@foreign.example wurde seit 5 Tagen verzögert und wird nicht "
     "weiter versucht."),
    ("de2", "Ihre Nachricht an kim@foreign.example wurde noch nicht zugestellt. Es werden keine weiteren "
     "Zustellversuche unternommen."),
    ("fr", "La remise de votre message à kim@foreign.example a été retardée de 5 jours. Aucune nouvelle tentative "
     "ne sera effectuée."),
    ("es", "La entrega de su mensaje a kim@foreign.example se ha retrasado 5 días. No se realizarán más intentos."),
    ("it", "La consegna del messaggio a kim@foreign.example è stata ritardata di 5 giorni. Non verranno effettuati "
     "altri tentativi."),
    ("pt", "A entrega da sua mensagem a kim@foreign.example está atrasada há 5 dias. Não serão feitas mais tentativas."),
    ("nl", "De bezorging van uw bericht aan kim@foreign.example is 5 dagen vertraagd. Er worden geen verdere "
     "pogingen gedaan."),
    ("pl", "Dostarczenie wiadomości do kim@foreign.example jest opóźnione o 5 dni. Nie będzie dalszych prób "
     "dostarczenia."),
    ("cs", "Doručení vaší zprávy na kim@foreign.example je zpožděno o 5 dní. Další pokusy nebudou provedeny."),
    ("sv", "Leveransen av ditt meddelande till kim@foreign.example är försenad 5 dagar. Inga fler försök kommer att "
     "göras."),
    ("da", "Leveringen af din meddelelse til kim@foreign.example er forsinket 5 dage. Der gøres ikke flere forsøg."),
    ("no", "Leveringen av meldingen til kim@foreign.example er forsinket 5 dager. Det gjøres ingen flere forsøk."),
    ("fi", "Viestisi toimitus osoitteeseen kim@foreign.example on viivästynyt 5 päivää. Uusia yrityksiä ei tehdä."),
    ("hu", "Az üzenet kézbesítése késik 5 napja: kim@foreign.example. További kísérlet nem történik."),
    ("ro", "Livrarea mesajului către kim@foreign.example este întârziată de 5 zile. Nu se vor mai face alte încercări."),
    ("tr", "kim@foreign.example adresine iletinizin teslimi 5 gün gecikti. Başka deneme yapılmayacak."),
    ("el", "Η παράδοση του μηνύματος στο kim@foreign.example έχει καθυστερήσει 5 ημέρες. Δεν θα γίνουν άλλες "
     "προσπάθειες."),
    ("ru", "Доставка вашего сообщения на kim@foreign.example задержана на 5 дней. Дальнейших попыток не будет."),
    ("uk", "Доставку вашого повідомлення на kim@foreign.example затримано на 5 днів. Подальших спроб не буде."),
    ("bg", "Доставката на съобщението до kim@foreign.example се забави 5 дни. Няма да има повече опити."),
    ("ja", "kim@foreign.example へのメールの配信が5日間遅延しています。これ以上再送は行いません。"),
    ("zh", "您发往 kim@foreign.example 的邮件投递延迟5天。系统将不再重试。"),
    ("tw", "您寄往 kim@foreign.example 的郵件傳遞延遲5天。系統將不再嘗試。"),
    ("ko", "kim@foreign.example 에게 보낸 메일의 배달이 5일 지연되었습니다. 더 이상 시도하지 않습니다."),
    ("id", "Pengiriman surel Anda ke kim@foreign.example gagal."),
    ("id2", "Pengiriman pesan Anda ke kim@foreign.example tertunda 5 hari. Tidak akan dicoba lagi."),
    ("ms", "Penghantaran mesej anda kepada kim@foreign.example tertangguh 5 hari. Tiada percubaan lagi akan dibuat."),
    ("vi", "Thư của bạn gửi kim@foreign.example bị trì hoãn 5 ngày. Sẽ không thử lại nữa."),
]
LATE = [
    ("en", "Your message to kim@foreign.example is delayed. If it cannot be delivered in five days, no further "
     "attempts will be made."),
    ("en2", "Delivery of your message to kim@foreign.example has been delayed. We will keep trying for 3 days."),
    ("de", "Ihre Nachricht an kim@foreign.example konnte noch nicht zugestellt werden. Es wird weiter versucht."),
]


def main():
    wrong = 0
    print("1..2")
    with tempfile.TemporaryDirectory(prefix="last.") as folder:
        for n, (want, rows) in enumerate((("failed", LAST), ("delayed", LATE)), 1):
            made = {}
            for name, text in rows:
                path = os.path.join(folder, "%s-%s.eml" % (want, name))
                made[path] = name
                with open(path, "w", encoding="utf-8") as f:
                    f.write("From: MAILER-DAEMON@mx.example.net\nTo: user@example.com\nSubject: "
     "Mail\nMIME-Version: 1.0\n"
                            "Content-Type: text/plain; charset=utf-8\n\n%s\n" % text)
            said = kinds(sys.argv[1], made)
            bad = [p for p in made if said.get(p, ("unread",))[0] != want]
            print("%s %d - %d texts are %s" % ("not ok" if bad else "ok", n, len(made), want))
            for path in bad:
                print("# %s: %s" % (made[path], said.get(path)))
            wrong += len(bad)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
