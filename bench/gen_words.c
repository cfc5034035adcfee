/* SPDX-License-Identifier: BSD-3-Clause */
/* gen_words.c - what do people and spammers write, in which language and charset? */
#include "gen_words.h"

#define LIST (const char *const[])

const char *const first_names[] = {
    "Anna",  "Peter", "Maria",  "John",  "Sofia", "Paul",  "Emma",   "David",
    "Laura", "Jonas", "Claire", "Pablo", "Yuki",  "Olga",  "Ivan",   "Hanako",
    "Luc",   "Ines",  "Felix",  "Greta", "Mark",  "Susan", "Oliver", "Nina",
    "Carl",  "Julia", "Tom",    "Vera",  "Hugo",  "Alice", "Robert", "Elena"};
const size_t first_name_count = sizeof first_names / sizeof first_names[0];

const char *const last_names[] = {
    "Schmidt", "Miller",  "Garcia", "Dubois", "Tanaka",  "Petrova", "Jansen", "Brown",
    "Weber",   "Lopez",   "Martin", "Sato",   "Ivanov",  "Keller",  "Novak",  "Clark",
    "Fischer", "Moreau",  "Ruiz",   "Suzuki", "Sokolov", "Baker",   "Vogel",  "Hill",
    "Braun",   "Laurent", "Torres", "Ito",    "Morozov", "Lang",    "Cook",   "Roth"};
const size_t last_name_count = sizeof last_names / sizeof last_names[0];

size_t
list_length(const char *const *list)
{
    size_t n = 0;
    while (list[n] != NULL)
        n++;
    return n;
}

const words lang_words[LANG_COUNT] = {
    [LANG_EN] =
        {
            .name = "en",
            .forms = {{CS_ASCII, '7'}, {CS_UTF8, 'q'}, {CS_UTF8, '8'}},
            .sentence =
                LIST{
                    "The minutes of yesterday's meeting are on the shared drive, please "
                    "correct "
                    "what I got wrong.",
                    "Could you have a look at the second table before we send it out?",
                    "I will be at the office until four and then on the train.",
                    "The new heating control runs, but the room on the north side stays "
                    "cold.",
                    "Thanks for the quick answer, that settles it for us.",
                    "We have moved the review to Thursday at ten because two of us are "
                    "travelling.",
                    "Our supplier asks whether the order of March still stands as it was "
                    "written.",
                    "The build is green again after the fix of last night.",
                    "Please find the figures for the quarter below.",
                    "I have tried both ways and the shorter one was the better one.",
                    "Nobody has complained so far, so let us leave it as it is.",
                    "The children liked the museum, and the cafe next to it even more.",
                    "If the price stays below four hundred, I would take two of them.",
                    "There is one open question about the contract, see page seven.",
                    "Let me know when you are in town, we could have lunch.",
                    "The old server will be switched off at the end of the month.",
                    "I am not sure that this is the right list, but here is what I see.",
                    "It works with the previous version and with none of the later ones.",
                    NULL},
            .subject = LIST{"Minutes of the meeting", "Re: Review on Thursday",
                            "Offer for the north wing", "Lunch next week?",
                            "Re: figures for the quarter", "Question about page seven",
                            "Fwd: timetable", "Travel plans",
                            "Re: Re: build broken since last night", "Invoice 20813",
                            "Photos from Sunday", "Update of the price list",
                            "Welcome aboard", "Re: old server", NULL},
            .spam_sentence =
                LIST{"Genuine swiss watches at a tenth of the shop price, shipped in "
                     "plain boxes.",
                     "Your doctor does not want you to know about this little blue "
                     "tablet.",
                     "No prescription needed, order today and pay nothing for shipping.",
                     "You have been chosen by our partners for a payment of two million "
                     "dollars.",
                     "Work from home and earn three thousand a week, no experience "
                     "needed.",
                     "This stock will double before Friday, our analysts are certain.",
                     "Thousands of customers are happy already, why are you still "
                     "waiting?",
                     "Lose ten kilos in two weeks without any exercise.",
                     "Click here to see the pictures that everyone talks about.", NULL},
            .spam_subject = LIST{"Best prices on watches", "You have won!",
                                 "Rx meds, 80% off", "Re: your order is waiting",
                                 "Hot stock alert", "Lonely? Meet someone tonight",
                                 "Cheap OEM software", "Diploma without study", NULL},
            .greeting = "Hello,",
            .closing = "Kind regards,",
            .away_prefix = "Automatic reply: ",
            .away_text =
                "Hello,\n\nI am out of the office until {odate} and read my mail only "
                "now and then.\nIn urgent cases please call our front desk.\n\nKind "
                "regards,\n"
                "{failname}\n",
            .read_prefix = "Read: ",
            .read_text = "Your message\n\n    To: {failname}\n    Subject: {osubject}\n"
                         "    Sent: {odate}\n\nwas read on {date}.\n",
        },
    [LANG_DE] =
        {
            .name = "de",
            .forms = {{CS_UTF8, '8'}, {CS_LATIN1, 'q'}, {CS_UTF8, 'b'}},
            .sentence =
                LIST{"Das Protokoll der Sitzung liegt auf dem Laufwerk, bitte prüft die "
                     "Zahlen noch "
                     "einmal.",
                     "Könntest du dir die zweite Tabelle ansehen, bevor wir sie "
                     "verschicken?",
                     "Ich bin bis vier im Büro und danach im Zug.",
                     "Die neue Heizungssteuerung läuft, nur das Zimmer nach Norden "
                     "bleibt kühl.",
                     "Danke für die schnelle Antwort, damit ist alles geklärt.",
                     "Wir haben die Besprechung auf Donnerstag um zehn Uhr verschoben.",
                     "Der Lieferant fragt, ob die Bestellung vom März noch gültig ist.",
                     "Anbei die Zahlen für das Quartal.",
                     "Bisher hat sich niemand beschwert, also lassen wir es so.",
                     "Den Kindern hat das Museum gefallen, das Café daneben noch mehr.",
                     "Zum Vertrag gibt es noch eine offene Frage, siehe Seite sieben.",
                     "Sag Bescheid, wenn du in der Stadt bist, dann gehen wir essen.",
                     "Der alte Rechner wird zum Monatsende abgeschaltet.", NULL},
            .subject = LIST{"Protokoll der Sitzung", "AW: Besprechung am Donnerstag",
                            "Angebot für den Nordflügel", "Rückfrage zu Seite sieben",
                            "Grüße aus Köln", "AW: Zahlen für das Quartal",
                            "Rechnung 20813", "Schlüsselübergabe", "WG: Fahrplan",
                            "Einladung zum Sommerfest", NULL},
            .spam_sentence =
                LIST{"Echte Schweizer Uhren zum Zehntel des Ladenpreises, diskret "
                     "verpackt.",
                     "Ohne Rezept bestellen und keine Versandkosten bezahlen.",
                     "Verdienen Sie von zu Hause dreitausend Euro in der Woche.",
                     "Diese Aktie verdoppelt sich noch vor Freitag, greifen Sie zu.",
                     "Zehn Kilo weniger in zwei Wochen, ganz ohne Mühe.", NULL},
            .spam_subject =
                LIST{"Günstige Medikamente", "Sie haben gewonnen!",
                     "Uhren zum Schnäppchenpreis", "Kredit ohne Schufa", NULL},
            .greeting = "Guten Tag,",
            .closing = "Mit freundlichen Grüßen",
            .away_prefix = "Automatische Antwort: ",
            .away_text =
                "Guten Tag,\n\nich bin bis {odate} nicht im Büro und lese meine Mails "
                "nur gelegentlich.\nIn dringenden Fällen wenden Sie sich bitte an die "
                "Zentrale."
                "\n\nMit freundlichen Grüßen\n{failname}\n",
            .read_prefix = "Gelesen: ",
            .read_text = "Ihre Nachricht\n\n    An: {failname}\n    Betreff: {osubject}\n"
                         "    Gesendet: {odate}\n\nwurde gelesen am {date}.\n",
        },
    [LANG_FR] =
        {
            .name = "fr",
            .forms = {{CS_UTF8, 'q'}, {CS_LATIN1, '8'}, {CS_UTF8, 'b'}},
            .sentence =
                LIST{"Le compte rendu de la réunion est sur le disque partagé, merci de "
                     "le relire.",
                     "Pourrais-tu vérifier le deuxième tableau avant que nous "
                     "l'envoyions ?",
                     "Je serai au bureau jusqu'à seize heures, puis dans le train.",
                     "Le nouveau chauffage fonctionne, mais la pièce au nord reste "
                     "fraîche.",
                     "Merci pour la réponse rapide, cela règle la question pour nous.",
                     "Nous avons déplacé la revue à jeudi dix heures.",
                     "Voici les chiffres du trimestre.",
                     "Les enfants ont aimé le musée, et encore plus le café d'à côté.",
                     "Il reste une question sur le contrat, voir à la page sept.",
                     "Préviens-moi quand tu passes en ville, nous irons déjeuner.", NULL},
            .subject = LIST{"Compte rendu de la réunion", "RE: réunion de jeudi",
                            "Devis pour l'aile nord", "Déjeuner la semaine prochaine ?",
                            "Question à propos du contrat", "TR: horaires",
                            "Facture 20813", NULL},
            .spam_sentence =
                LIST{"Montres de luxe à un dixième du prix, expédition discrète.",
                     "Commandez sans ordonnance, livraison gratuite dès aujourd'hui.",
                     "Gagnez trois mille euros par semaine depuis votre canapé.",
                     "Perdez dix kilos en deux semaines sans aucun effort.", NULL},
            .spam_subject = LIST{"Vous avez gagné !", "Crédit immédiat et sans dossier",
                                 "Médicaments à prix réduit", NULL},
            .greeting = "Bonjour,",
            .closing = "Cordialement,",
            .away_prefix = "Réponse automatique : ",
            .away_text =
                "Bonjour,\n\nJe suis absent du bureau jusqu'au {odate}.\nPour toute "
                "urgence, merci d'appeler le secrétariat.\n\nCordialement,\n{failname}\n",
            .read_prefix = "Lu : ",
            .read_text = "Votre message\n\n    À : {failname}\n    Sujet : {osubject}\n"
                         "    Envoyé : {odate}\n\na été lu le {date}.\n",
        },
    [LANG_ES] =
        {
            .name = "es",
            .forms = {{CS_UTF8, 'q'}, {CS_LATIN1, 'q'}, {CS_UTF8, '8'}},
            .sentence =
                LIST{"El acta de la reunión está en la carpeta común, por favor "
                     "revisadla.",
                     "¿Podrías mirar la segunda tabla antes de que la enviemos?",
                     "Estaré en la oficina hasta las cuatro y después en el tren.",
                     "La calefacción nueva funciona, pero la sala del norte sigue fría.",
                     "Gracias por la respuesta tan rápida, con eso queda todo claro.",
                     "Hemos pasado la revisión al jueves a las diez.",
                     "Aquí van las cifras del trimestre.",
                     "A los niños les gustó el museo, y el café de al lado todavía más.",
                     "Queda una pregunta sobre el contrato, véase la página siete.",
                     "Avísame cuando estés en la ciudad y comemos juntos.", NULL},
            .subject =
                LIST{"Acta de la reunión", "RE: revisión del jueves",
                     "Presupuesto para el ala norte", "¿Comemos la semana que viene?",
                     "Factura 20813", "Fotos del domingo", NULL},
            .spam_sentence =
                LIST{"Relojes suizos a la décima parte de su precio, envío discreto.",
                     "Compre sin receta y no pague gastos de envío.",
                     "Gane tres mil euros a la semana sin salir de casa.", NULL},
            .spam_subject = LIST{"¡Ha ganado usted!", "Préstamo rápido sin papeles",
                                 "Medicinas con descuento", NULL},
            .greeting = "Hola:",
            .closing = "Un saludo,",
            .away_prefix = "Respuesta automática: ",
            .away_text =
                "Hola:\n\nEstoy fuera de la oficina hasta el {odate}.\nSi es urgente, "
                "llame por favor a la centralita.\n\nUn saludo,\n{failname}\n",
            .read_prefix = "Leído: ",
            .read_text = "Su mensaje\n\n    Para: {failname}\n    Asunto: {osubject}\n"
                         "    Enviado: {odate}\n\nse leyó el {date}.\n",
        },
    [LANG_JA] =
        {
            .name = "ja",
            .forms = {{CS_2022JP, '7'}, {CS_UTF8, 'b'}, {CS_2022JP, '7'}},
            .sentence = LIST{"昨日の会議の議事録を共有フォルダに置きました。",
                             "送る前に二番目の表を確認していただけますか。",
                             "四時まで会社にいて、その後は電車の中です。",
                             "早いお返事をありがとうございました。",
                             "打ち合わせは木曜日の十時に変更になりました。",
                             "今期の数字は以下の通りです。",
                             "子供たちは博物館より隣の喫茶店が気に入ったようです。",
                             "契約書の七ページについて一つ質問があります。",
                             "古いサーバーは今月末に止める予定です。", NULL},
            .subject =
                LIST{"会議の議事録", "Re: 木曜日の打ち合わせ", "見積書の件",
                     "来週のお昼について", "請求書をお送りします", "写真をどうぞ", NULL},
            .spam_sentence = LIST{"高級時計を定価の十分の一でお届けします。",
                                  "自宅にいながら毎週三十万円の収入。",
                                  "今すぐクリックして無料で登録してください。", NULL},
            .spam_subject = LIST{"おめでとうございます、当選しました", "激安ブランド時計",
                                 "必ず儲かる方法", NULL},
            .greeting = "お世話になっております。",
            .closing = "よろしくお願いいたします。",
            .away_prefix = "自動応答: ",
            .away_text =
                "お世話になっております。\n\nただいま休暇をいただいております。\n"
                "{odate} に戻る予定です。\n\n{failname}\n",
            .read_prefix = "開封済み: ",
            .read_text =
                "次の宛先へのメッセージ\n\n    宛先: {failname}\n    件名: {osubject}\n"
                "    送信日時: {odate}\n\nは {date} に開封されました。\n",
        },
    [LANG_RU] =
        {
            .name = "ru",
            .forms = {{CS_KOI8R, '8'}, {CS_UTF8, 'b'}, {CS_CP1251, 'q'}},
            .sentence = LIST{"Протокол вчерашней встречи лежит в общей папке, проверьте, "
                             "пожалуйста.",
                             "Посмотри, пожалуйста, вторую таблицу перед отправкой.",
                             "Я буду в офисе до четырёх, потом в поезде.",
                             "Спасибо за быстрый ответ, теперь всё ясно.",
                             "Мы перенесли обсуждение на четверг, на десять часов.",
                             "Ниже приведены цифры за квартал.",
                             "Детям понравился музей, а кафе рядом ещё больше.",
                             "Остался один вопрос по договору, смотрите страницу семь.",
                             "Старый сервер будет выключен в конце месяца.", NULL},
            .subject = LIST{"Протокол встречи", "Re: обсуждение в четверг", "Счёт 20813",
                            "Вопрос по договору", "Фотографии с воскресенья", NULL},
            .spam_sentence =
                LIST{"Швейцарские часы за десятую часть цены, доставка бесплатно.",
                     "Зарабатывайте не выходя из дома, опыт не нужен.",
                     "Семинар для бухгалтеров, места ещё есть.", NULL},
            .spam_subject =
                LIST{"Вы выиграли!", "Семинар для бухгалтеров", "Дешёвые часы", NULL},
            .greeting = "Добрый день,",
            .closing = "С уважением,",
            .away_prefix = "Автоматический ответ: ",
            .away_text =
                "Добрый день,\n\nменя нет в офисе до {odate}.\nВ срочных случаях "
                "звоните, пожалуйста, секретарю.\n\nС уважением,\n{failname}\n",
            .read_prefix = "Прочтено: ",
            .read_text = "Ваше сообщение\n\n    Кому: {failname}\n    Тема: {osubject}\n"
                         "    Отправлено: {odate}\n\nпрочитано {date}.\n",
        },
};
