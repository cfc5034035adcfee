/* SPDX-License-Identifier: BSD-3-Clause */
/* sender_text.c - which words of a text tell that a person passes it on? */
#include "sender.h"

#include "ndr_vector.h"
#include "text_words.h"

#include <string.h>

enum {
    TEXT_BYTES = 16 << 10, /* of a text that are read */
    PARAGRAPHS = 1000,     /* of them */
    GREETING_BYTES = 60,   /* from a greeting's first word to its comma */
    CLOSING_BYTES = 200,   /* of a paragraph that ends a letter */
    NAME_BYTES = 100,      /* from a label to the name of whom it is about */
};

/* Lower case, as the text is. What is no whole word stands for all that begin so. */
/* clang-format off */
static const char *const greetings[] = {
    "hello", "hi ", "hi,", "hi!", "hi all", "dear ", "good morning", "good afternoon",
    "good evening", "good day", "hey", "greetings", "hallo", "guten tag",
    "guten morgen", "guten abend", "sehr geehrte", "liebe", "moin", "servus", "grüß",
    "grüezi", "bonjour", "bonsoir", "salut", "cher ", "chère", "chers", "madame",
    "monsieur", "mesdames", "hola", "buenos d", "buenas", "estimad", "muy señor",
    "apreciad", "ciao", "buongiorno", "buonasera", "gentil", "salve", "spett", "egregi",
    "olá", "oi,", "oi ", "bom dia", "boa tarde", "boa noite", "prezad", "caro ",
    "cara ", "caros", "goedemorgen", "goedemiddag", "goedenavond", "goede", "beste ",
    "geachte", "hoi", "dag ", "cześć", "dzień dobry", "witam", "szanown", "drogi",
    "dobrý de", "ahoj", "vážen", "milý", "milá", "pozdrav", "poštovan", "bok,",
    "zdravo", "spoštovan", "hej", "god morgon", "god dag", "kære", "hei", "kjære",
    "hyvä", "terve", "moi,", "tere", "kedves", "tisztelt", "szia", "jó napot", "bună",
    "stimat", "dragă", "merhaba", "sayın", "selam", "iyi günler", "γεια", "καλημέρα",
    "καλησπέρα", "αγαπητ", "αξιότιμ", "здравствуй", "добрый день", "доброе утро",
    "добрый вечер", "привет", "уважаем", "добрий день", "доброго дня", "вітаю",
    "шановн", "привіт", "здравей", "добър ден", "お世話", "いつもお世話", "こんにちは", "こんばんは", "各位",
    "拝啓", "您好", "你好", "大家好", "各位", "尊敬的", "안녕하", "مرحبا", "السلام", "عزيز", "שלום",
    "สวัสดี", "เรียน", "xin chào", "kính gửi", "halo", "yth", "नमस्ते", "sveiki",
    "labas", "gerb", "labdien", NULL,
};
/* clang-format on */

/* Mail systems greet, too, but nobody in particular. */
static const char *const anybody[] = {
    "sender",     "user",      "subscriber", "absender",  "nutzer",
    "expéditeur", "remitente", "mittente",   "remetente", "afzender",
    "originator", "nadawc",    "отправител", "customer",  "kunde",
    "client",     "cliente",   "klant",      "klient",    "damen und herren",
    "sir",        "madam",     NULL};

/* clang-format off */
static const char *const closings[] = {
    "-- ", "regards", "best,", "best regards", "kind regards", "best wishes",
    "warm regards", "with regards", "thanks", "thank you", "many thanks", "cheers",
    "sincerely", "yours ", "mfg", "viele grüße", "gruß", "grüße", "lg", "vg",
    "mit freundlich", "freundliche grüße", "beste grüße", "liebe grüße", "danke",
    "cordialement", "merci", "bien à", "bonne journée", "salutations", "saludos",
    "un saludo", "gracias", "atentamente", "cordiali saluti", "grazie", "saluti",
    "distinti saluti", "atenciosamente", "obrigad", "cumprimentos", "abraço",
    "met vriendelijke", "groet", "bedankt", "mvg", "pozdrawiam", "z poważaniem",
    "dzięk", "pozdrowienia", "s pozdravem", "děkuj", "s pozdravom", "vänlig", "mvh",
    "med vänlig", "tack", "venlig hilsen", "hilsen", "med venlig", "vennlig hilsen",
    "terveisin", "kiitos", "ystävällisin", "üdvözlettel", "köszön", "cu stimă",
    "mulțumesc", "saygılar", "teşekkür", "ευχαριστ", "με εκτίμηση", "с уважением",
    "спасибо", "всего доброго", "з повагою", "дякую", "よろしく", "以上", "敬具", "谢谢", "此致",
    "祝好", "顺祝", "감사", NULL,
};
/* clang-format on */

/* What stands in From of a bounce, and in the lines above one that is passed on. */
static const char *const daemons[] = {"mailer-daemon",     "mail delivery sys",
                                      "mail delivery sub", "maildelivery",
                                      "microsoftexchange", NULL};

/* Lines that tell which message it is about. */
static const char *const labels[] = {"to:", "subject:", "cc:", "sent:", "date:", NULL};

static ndr_slice
line_of(ndr_slice *text)
{
    const unsigned char *lf = text->len > 0 ? memchr(text->ptr, '\n', text->len) : NULL;
    const size_t n = lf == NULL ? text->len : (size_t)(lf - text->ptr);
    const ndr_slice line = {text->ptr, n};
    *text = (ndr_slice){text->ptr + n + (lf != NULL), text->len - n - (lf != NULL)};
    return line;
}

/* Is a row of greetings all that these words are ("Hello")? */
static bool
names_nobody(ndr_slice words)
{
    for (const char *const *w = greetings; *w != NULL; w++) {
        size_t n = strlen(*w);
        while (n > 0 && strchr(" ,!", (*w)[n - 1]) != NULL)
            n--;
        if (n == words.len && memcmp(*w, words.ptr, n) == 0)
            return true;
    }
    return false;
}

/* How much of a line a greeting takes; 0: it is none. *to_one: somebody is greeted, not
 * anybody; may be NULL. */
static size_t
greeting_of(ndr_slice line, bool *to_one)
{
    static const char *const ends_of[] = {",",  "!",  ":",  "，", "！",
                                          "：", "。", "、", NULL};
    if (!begins_any(line, greetings))
        return 0;
    const size_t n = line.len < GREETING_BYTES ? line.len : GREETING_BYTES;
    size_t end = 0, words = 0;
    for (size_t i = 0; i < n && end == 0; i++)
        for (const char *const *w = ends_of; *w != NULL && end == 0; w++)
            if (begins((ndr_slice){line.ptr + i, line.len - i}, *w)) {
                words = i;
                end = i + strlen(*w);
            }
    if (end == 0 && line.len <= GREETING_BYTES)
        words = end = line.len;
    if (to_one != NULL)
        *to_one = !holds_any((ndr_slice){line.ptr, end}, anybody) &&
                  !names_nobody((ndr_slice){line.ptr, words});
    /* "Hi! This is the program": nobody is greeted */
    return end == 3 && line.ptr[2] == '!' && end < line.len ? 0 : end;
}

/* Does a label, such as "From:", name a mail daemon here? */
static bool
names_daemon(ndr_slice line)
{
    for (size_t i = 0; i + 2 < line.len; i++) {
        if (line.ptr[i] != ':' || line.ptr[i + 1] != ' ')
            continue;
        for (size_t k = i + 2; k < line.len && k < i + 2 + NAME_BYTES; k++) {
            if (line.ptr[k] == ':')
                break; /* the next label */
            if (begins_any((ndr_slice){line.ptr + k, line.len - k}, daemons))
                return true;
        }
    }
    return false;
}

static ndr_slice
front(ndr_slice text)
{
    return (ndr_slice){text.ptr, text.len < TEXT_BYTES ? text.len : TEXT_BYTES};
}

/* What is left of MIME where it is broken: "--boundary content-type: …" and the words
 * before the first. */
static bool
is_boundary(ndr_slice line)
{
    static const char *const words[] = {"content-type:", NULL};
    static const char *const before[] = {"this message is in mime format",
                                         "this is a multi-part message", NULL};
    line.len = line.len < CLOSING_BYTES ? line.len : CLOSING_BYTES;
    return begins_any(line, before) || (begins(line, "--") && holds_any(line, words));
}

/* A line of dots, dashes or stars. */
static bool
is_rule_off(ndr_slice line)
{
    for (size_t i = 0; i < line.len; i++)
        if (is_word(line.ptr[i]) || line.ptr[i] >= 0x80)
            return false;
    return true;
}

ndr_slice
ndr_sender_opening(ndr_slice text)
{
    text = front(text);
    for (size_t n = 0; text.len > 0 && n < PARAGRAPHS; n++) {
        ndr_slice line = line_of(&text);
        const size_t greeted = greeting_of(line, NULL);
        line = (ndr_slice){line.ptr + greeted, line.len - greeted};
        if (!is_rule_off(line) && !begins_any(line, labels) && !is_boundary(line))
            return line;
    }
    return (ndr_slice){0};
}

bool
ndr_sender_is_quoted(ndr_slice line)
{
    if (line.len > 1 && line.ptr[0] == '>')
        return line.ptr[1] != '>';
    const size_t at = line.len > 3 ? ndr_find(line.ptr, line.len, ": > ", 4) : line.len;
    return at < line.len;
}

bool
ndr_sender_is_question(ndr_slice line)
{
    return ends(line, "?") || ends(line, "？") || ends(line, "؟");
}

bool
ndr_sender_is_prelude(ndr_slice opening)
{
    static const char *const no_answer[] = {"not reply",
                                            "noreply",
                                            "nicht antworten",
                                            "pas répondre",
                                            "no responda",
                                            "non rispondere",
                                            "não responda",
                                            "nie odpowiada",
                                            "niet antwoord",
                                            "не отвечай",
                                            NULL};
    static const char *const preludes[] = {"this is an auto",
                                           "this message was created auto",
                                           "this message was generated",
                                           "this message is auto",
                                           "this e-mail was",
                                           "this report",
                                           "the original message",
                                           "your message",
                                           "your mail",
                                           "your e-mail",
                                           "your document",
                                           "a message from",
                                           "message from",
                                           "processing your",
                                           "dies ist eine auto",
                                           "diese nachricht wurde auto",
                                           "ihr dokument",
                                           "ihre nachricht",
                                           "ceci est un",
                                           "ce message",
                                           "votre document",
                                           "votre message",
                                           "este es un mensaje auto",
                                           "este mensaje",
                                           "su documento",
                                           "su mensaje",
                                           "questo è un messaggio auto",
                                           "questo messaggio",
                                           "il documento",
                                           "il messaggio",
                                           "esta é uma mensagem auto",
                                           "esta mensagem",
                                           "sua mensagem",
                                           "dit is een auto",
                                           "uw bericht",
                                           "uw document",
                                           NULL};
    const bool holds = holds_any(opening, no_answer);
    while (opening.len > 0 && opening.ptr[0] < 0x80 && !is_word(opening.ptr[0]))
        opening = (ndr_slice){opening.ptr + 1, opening.len - 1}; /* "*** Message from" */
    return holds || begins_any(opening, preludes);
}

unsigned
ndr_sender_of_text(ndr_slice text)
{
    unsigned signs = 0;
    text = front(text);
    for (size_t n = 0; text.len > 0 && n < PARAGRAPHS; n++) {
        const ndr_slice line = line_of(&text);
        bool to_one;
        if (n == 0 && greeting_of(line, &to_one) > 0 && to_one)
            signs |= 1u << NDR_SAYS_GREETING;
        if (ndr_sender_is_quoted(line))
            signs |= 1u << NDR_SAYS_QUOTED;
        if (n > 0 && line.len < CLOSING_BYTES && begins_any(line, closings))
            signs |= 1u << NDR_SAYS_CLOSING;
        if (names_daemon(line))
            signs |= 1u << NDR_SAYS_PASSED_ON;
    }
    return signs;
}
