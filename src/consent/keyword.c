#include "consent/keyword.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include <utf8proc.h>

#include "base/must.h"

#define OCTETS_MAX 2000 /* of a text that are read */
#define WORDS_MAX  64   /* no row is that long, and courtesies end sooner */
#define HEAD_MAX   100  /* octets before a reaction's quote */

/* ---- the rows ---- */

enum kind {
    STOP,
    STOP_ALL,
    WORD,
    ACCENTED,
    HELP,
    START,
    ALONE,
    REQUEST,
    CLOSED,
    DOUBT,
    ASK,
    COURTESY,
    FILLER,
    TAIL
};

struct row {
    enum kind kind;
    const char *rule;   /* its name when it is the whole text */
    const char *padded; /* and when other words stand around it */
    const char *language;
    const char *words;
};

static const struct row rows[] = {
#define KEYWORD(kind, name, language, words)                                                       \
    {kind, "keyword:" name, "padding:" name, language, words},
#define PHRASE(kind, name, language, words) {kind, "phrase:" name, "phrase:" name, language, words},
#define PAD(kind, words)                    {kind, "", "", "", words},
#include "proto/keyword.def"
};

static const char *const answers[] = {
#define ANSWER(words) words,
#include "proto/keyword.def"
};

static const char *const reactions[] = {
#define REACTION(words) words,
#include "proto/keyword.def"
};

/* ---- a text as words ---- */

struct word {
    const char *at; /* lower case, without accents; not ended by a NUL */
    size_t length;
};

struct words {
    char text[4 * OCTETS_MAX + 1];
    struct word word[WORDS_MAX];
    size_t count;
    bool is_long; /* there were more */
    bool has_accents;
};

struct points {
    utf8proc_int32_t at[OCTETS_MAX + 64];
    size_t count;
    bool has_accents;
};

/* Signs that say STOP by themselves are words; every other sign is a blank. */
static bool is_sign(utf8proc_int32_t point)
{
    return point == 0x1f6d1 || point == 0x26d4 || point == 0x1f6ab || point == 0x270b;
}

static bool is_apostrophe(utf8proc_int32_t point)
{
    return point == '\'' || point == '`' || point == 0xb4 || point == 0x2018 || point == 0x2019 ||
           point == 0x2bc || point == 0x2bb || point == 0x2032;
}

static void point_put(struct points *points, utf8proc_int32_t point)
{
    utf8proc_category_t category = utf8proc_category(point);
    bool is_letter = category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO;
    bool is_number = category >= UTF8PROC_CATEGORY_ND && category <= UTF8PROC_CATEGORY_NO;
    if (category >= UTF8PROC_CATEGORY_MN && category <= UTF8PROC_CATEGORY_ME) {
        points->has_accents = true;
        return;
    }
    if (is_apostrophe(point) || category == UTF8PROC_CATEGORY_CF)
        return;
    if (is_sign(point)) {
        points->at[points->count++] = ' ';
        points->at[points->count++] = point;
        point = ' ';
    }
    points->at[points->count++] = is_letter || is_number ? point : ' ';
}

/* Folds case, width and accents away. A point may come apart into several: U+FDFA into 18. */
static void points_read(struct octets text, struct points *points)
{
    const utf8proc_option_t fold =
        UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE;
    points->count = 0;
    points->has_accents = false;
    for (size_t at = 0; at < text.length && points->count < OCTETS_MAX;) {
        utf8proc_int32_t point, parts[32];
        utf8proc_ssize_t step =
            utf8proc_iterate(text.at + at, (utf8proc_ssize_t)(text.length - at), &point);
        at += step > 0 ? (size_t)step : 1;
        if (step <= 0 || is_apostrophe(point)) {
            point_put(points, step <= 0 ? ' ' : point);
            continue;
        }
        int boundary = 0;
        utf8proc_ssize_t count = utf8proc_decompose_char(point, parts, 32, fold, &boundary);
        must(count <= 32);
        for (utf8proc_ssize_t i = 0; i < count; i++)
            point_put(points, parts[i]);
    }
}

/* "stoooop" is "stop": three and more of a letter count as one. */
static size_t letters_squeeze(char *text, size_t length)
{
    size_t kept = 0;
    for (size_t i = 0; i < length;) {
        size_t run = 1;
        while (i + run < length && text[i + run] == text[i])
            run++;
        size_t keep = run >= 3 && text[i] >= 'a' && text[i] <= 'z' ? 1 : run;
        memmove(text + kept, text + i, keep);
        kept += keep;
        i += run;
    }
    return kept;
}

static bool word_is(const struct word *word, const char *text, size_t length)
{
    return word->length == length && memcmp(word->at, text, length) == 0;
}

/* A word said over and over counts once. */
static void word_put(struct words *words, char *at, size_t length)
{
    length = letters_squeeze(at, length);
    const struct word *last = words->count > 0 ? &words->word[words->count - 1] : NULL;
    if (length == 0 || (last != NULL && length > 1 && word_is(last, at, length)))
        return;
    if (words->count == WORDS_MAX)
        words->is_long = true;
    else
        words->word[words->count++] = (struct word){.at = at, .length = length};
}

static void words_split(struct words *words, size_t length)
{
    size_t from = 0;
    for (size_t i = 0; i <= length; i++) {
        if (i < length && words->text[i] != ' ')
            continue;
        word_put(words, words->text + from, i - from);
        from = i + 1;
    }
}

/* "s t o p" and "S.T.O.P." are "stop". */
static void words_join_letters(struct words *words)
{
    if (words->count < 3)
        return;
    for (size_t i = 0; i < words->count; i++)
        if (words->word[i].length != 1)
            return;
    size_t length = 0;
    for (size_t i = 0; i < words->count; i++)
        words->text[length++] = *words->word[i].at;
    words->count = 0;
    word_put(words, words->text, length);
}

static void words_read(struct octets text, struct words *words)
{
    struct points points;
    size_t length = 0;
    points_read(text, &points);
    utf8proc_ssize_t count = utf8proc_normalize_utf32(points.at, (utf8proc_ssize_t)points.count,
                                                      UTF8PROC_COMPOSE | UTF8PROC_STABLE);
    for (utf8proc_ssize_t i = 0; i < count && length + 4 < sizeof words->text; i++)
        length += (size_t)utf8proc_encode_char(points.at[i], (uint8_t *)words->text + length);
    words->count = 0;
    words->is_long = false;
    words->has_accents = points.has_accents;
    words_split(words, length);
    words_join_letters(words);
}

/* ---- words against patterns ---- */

/* Is `word` one of the choices a|b|c between `at` and `end`? */
static bool choice_has(const char *at, const char *end, const struct word *word)
{
    if (end - at == 1 && *at == '*')
        return true;
    while (at < end) {
        const char *bar = memchr(at, '|', (size_t)(end - at));
        const char *stop = bar != NULL ? bar : end;
        if (word_is(word, at, (size_t)(stop - at)))
            return true;
        at = stop + 1;
    }
    return false;
}

/* How many words from `word` on the pattern covers, at most; -1: it doesn't fit. */
static int pattern_cover(const char *pattern, const struct word *word, size_t count)
{
    if (*pattern == '\0')
        return 0;
    const char *end = strchrnul(pattern, ' ');
    const char *next = *end == ' ' ? end + 1 : end;
    bool may_be_missing = end[-1] == '?';
    int best = may_be_missing ? pattern_cover(next, word, count) : -1;
    if (count > 0 && choice_has(pattern, may_be_missing ? end - 1 : end, word)) {
        int rest = pattern_cover(next, word + 1, count - 1);
        if (rest >= 0 && rest + 1 > best)
            best = rest + 1;
    }
    return best;
}

/* The row that covers most words from `at` on, the first of these; NULL: none covers any. */
static const struct row *row_find(const struct words *words, size_t at, size_t *covered)
{
    const struct row *best = NULL;
    *covered = 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int cover = pattern_cover(rows[i].words, words->word + at, words->count - at);
        if (cover <= 0 || (size_t)cover <= *covered)
            continue;
        if (rows[i].kind == ACCENTED && !words->has_accents)
            continue;
        best = &rows[i];
        *covered = (size_t)cover;
    }
    return best;
}

/* ---- what the rows of a text say together ---- */

struct tally {
    const struct row *stop, *word, *doubt, *help, *start; /* the first of each */
    const struct row *request; /* says STOP clearly even when it only opens a longer text */
    bool has_filler, is_all, is_alone_kind;
    size_t count;
};

static void first_keep(const struct row **slot, const struct row *row)
{
    if (*slot == NULL)
        *slot = row;
}

static void tally_add(struct tally *tally, const struct row *row)
{
    struct tally *t = tally;
    const struct row **slots[] = {
        [STOP] = &t->stop,   [STOP_ALL] = &t->stop, [WORD] = &t->word,   [ACCENTED] = &t->word,
        [HELP] = &t->help,   [START] = &t->start,   [ALONE] = &t->start, [REQUEST] = &t->stop,
        [CLOSED] = &t->stop, [DOUBT] = &t->doubt,   [ASK] = &t->help,    [COURTESY] = NULL,
        [FILLER] = NULL,     [TAIL] = NULL,
    };
    t->count++;
    t->has_filler = t->has_filler || row->kind == FILLER || row->kind == TAIL;
    t->is_all = t->is_all || row->kind == STOP_ALL;
    t->is_alone_kind = t->is_alone_kind || row->kind == ALONE;
    if (row->kind == REQUEST)
        first_keep(&t->request, row);
    if (slots[row->kind] != NULL)
        first_keep(slots[row->kind], row);
}

static struct keyword keyword_none(void)
{
    return (struct keyword){.verdict = KEYWORD_NONE, .rule = "-", .language = ""};
}

static struct keyword keyword_by(enum keyword_verdict verdict, const struct row *row,
                                 const struct tally *tally)
{
    return (struct keyword){.verdict = verdict,
                            .rule = tally->count == 1 ? row->rule : row->padded,
                            .language = row->language,
                            .is_stop_all = verdict == KEYWORD_OPT_OUT && tally->is_all};
}

static struct keyword tally_decide(const struct tally *tally)
{
    const struct row *out = tally->stop != NULL ? tally->stop : tally->word;
    if (out != NULL && (tally->help != NULL || tally->start != NULL))
        return (struct keyword){KEYWORD_REVIEW, "mixed", out->language, false, false};
    if (tally->stop != NULL)
        return keyword_by(KEYWORD_OPT_OUT, out, tally);
    if (out != NULL)
        return keyword_by(tally->has_filler ? KEYWORD_REVIEW : KEYWORD_OPT_OUT, out, tally);
    if (tally->doubt != NULL)
        return keyword_by(KEYWORD_REVIEW, tally->doubt, tally);
    if (tally->has_filler || (tally->help != NULL && tally->start != NULL))
        return keyword_none();
    if (tally->help != NULL)
        return keyword_by(KEYWORD_HELP, tally->help, tally);
    if (tally->start != NULL && (!tally->is_alone_kind || tally->count == 1))
        return keyword_by(KEYWORD_OPT_IN, tally->start, tally);
    return keyword_none();
}

/* Lays rows end to end over the words. Where none fits, the text is about something else; behind a
 * plain request it is for people to read ("stop texting me about the boat"). */
static struct keyword words_classify(const struct words *words)
{
    struct tally tally = {.count = 0};
    for (size_t at = 0, covered; at < words->count; at += covered) {
        const struct row *row = row_find(words, at, &covered);
        bool fits = row != NULL && (row->kind != TAIL || tally.stop != NULL || tally.word != NULL);
        if (!fits && tally.request != NULL)
            return (struct keyword){KEYWORD_REVIEW, tally.request->rule, tally.request->language,
                                    false, false};
        if (!fits)
            return keyword_none();
        tally_add(&tally, row);
    }
    return words->is_long ? keyword_none() : tally_decide(&tally);
}

/* ---- around the text ---- */

static size_t quote_at(struct octets text, size_t at)
{
    static const char *const quotes[] = {"\"", "“", "”", "„", "«", "»"};
    for (size_t i = 0; i < sizeof quotes / sizeof *quotes; i++) {
        size_t length = strlen(quotes[i]);
        if (text.length - at >= length && memcmp(text.at + at, quotes[i], length) == 0)
            return length;
    }
    return 0;
}

static bool is_reaction_head(struct octets head)
{
    struct words words;
    words_read(head, &words);
    for (size_t i = 0; words.count > 0 && i < sizeof reactions / sizeof *reactions; i++)
        if (pattern_cover(reactions[i], words.word, words.count) == (int)words.count)
            return true;
    return false;
}

/* Takes a reaction and what it quotes off (R127): Liked "...", 👍 to "...". What is cut short before
 * its closing quote is all quote. */
static struct octets without_reaction(struct octets text)
{
    size_t open = 0;
    while (open < text.length && open <= HEAD_MAX && quote_at(text, open) == 0)
        open++;
    if (open >= text.length || open > HEAD_MAX || !is_reaction_head(octets_of(text.at, open)))
        return text;
    for (size_t at = text.length - 1; at > open; at--)
        if (quote_at(text, at) > 0)
            return octets_of(text.at + at + quote_at(text, at),
                             text.length - at - quote_at(text, at));
    return octets_text(NULL);
}

static bool is_bare_stop(struct octets text)
{
    while (text.length > 0 && (isspace(text.at[0]) || text.at[0] == 0))
        text = octets_of(text.at + 1, text.length - 1);
    while (text.length > 0 && (isspace(text.at[text.length - 1]) || text.at[text.length - 1] == 0))
        text.length--;
    return text.length == 4 && strncasecmp((const char *)text.at, "stop", 4) == 0;
}

struct keyword keyword_classify(struct octets text)
{
    struct words words;
    if (text.length > OCTETS_MAX)
        text.length = OCTETS_MAX;
    words_read(without_reaction(text), &words);
    struct keyword keyword = words_classify(&words);
    keyword.is_bare_stop = is_bare_stop(text);
    return keyword;
}

bool keyword_is_yes(struct octets text)
{
    struct words words;
    char joined[32];
    size_t length = 0;
    if (text.length > sizeof joined)
        return false;
    words_read(text, &words);
    for (size_t i = 0; i < words.count; i++) {
        if (length + words.word[i].length + 2 > sizeof joined)
            return false;
        if (i > 0)
            joined[length++] = ' ';
        memcpy(joined + length, words.word[i].at, words.word[i].length);
        length += words.word[i].length;
    }
    joined[length] = '\0';
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++)
        if (strcmp(answers[i], joined) == 0)
            return true;
    return false;
}

const char *keyword_verdict_name(enum keyword_verdict verdict)
{
    static const char *const names[] = {
        [KEYWORD_NONE] = "none", [KEYWORD_OPT_OUT] = "opt_out", [KEYWORD_OPT_IN] = "opt_in",
        [KEYWORD_HELP] = "help", [KEYWORD_REVIEW] = "review",
    };
    must(verdict <= KEYWORD_REVIEW);
    return names[verdict];
}
