#include "consent/keyword.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/must.h"
#include "consent/spoken.h"
#include "lay.h"
#include "quote.h"
#include "slip.h"

#define JOINED_MAX 16 /* octets of a keyword written in pieces: "un sub scribe" */

/* A clause that begins with STOP, doesn't end with it, and has more words than these is about
 * something else. */
#define CURT_MAX 3

#define ANSWER_OCTETS_MAX 32 /* of a yes */

/* ---- a clause ---- */

/* What the rows found stand for. */
enum said { NOTHING, OUT, EVERYDAY, DOUBTFUL, WANTED, HELPED, STARTED, SAID_COUNT };

static enum said said_by(const struct row *row)
{
    static const enum said table[] = {
        [STOP] = OUT,          [STOP_ALL] = OUT,  [WORD] = EVERYDAY, [WHOLE] = EVERYDAY,
        [ACCENTED] = EVERYDAY, [HELP] = HELPED,   [ASK] = HELPED,    [START] = STARTED,
        [ALONE] = STARTED,     [REQUEST] = OUT,   [ENDING] = OUT,    [CLOSED] = OUT,
        [DOUBT] = DOUBTFUL,    [HINT] = DOUBTFUL, [WANT] = WANTED,   [COURTESY] = NOTHING,
        [FILLER] = NOTHING,    [TAIL] = NOTHING,  [IT] = NOTHING,    [JEST] = NOTHING,
        [NOT] = NOTHING,       [ASIDE] = NOTHING, [JOINT] = NOTHING, [BESIDE] = NOTHING,
        [LONE] = NOTHING,
    };
    return table[row->kind];
}

struct tally {
    const struct row *first[SAID_COUNT]; /* of the whole text */
    const struct row *weak;              /* STOP that is out only if it is all that is said */
    const struct row *lone;              /* "no": a doubt only if it is all that is said */
    bool has_loose;                      /* a word belongs to no row, or one is turned */
    bool has_filler, has_jest, is_all, is_alone_kind;
    size_t count; /* of rows */
};

struct clause {
    const struct row *first[SAID_COUNT]; /* that count if no word of the clause is loose */
    const struct row *hanging;           /* a request that the next words may narrow */
    const struct row *turn;              /* stands right before: "don't", "tell him to" */
    bool has_loose, is_weak, is_curt;
};

static void first_keep(const struct row **slot, const struct row *row)
{
    if (*slot == NULL)
        *slot = row;
}

static bool is_keyword(const struct row *row)
{
    return row->kind == STOP || row->kind == STOP_ALL;
}

static void hanging_settle(struct clause *clause, struct tally *tally)
{
    if (clause->hanging != NULL)
        first_keep(&tally->first[OUT], clause->hanging);
    clause->hanging = NULL;
}

static void clause_settle(struct clause *clause, struct tally *tally)
{
    const struct row *out = clause->first[OUT];
    hanging_settle(clause, tally);
    if (clause->has_loose) {
        if (out != NULL && clause->is_curt)
            first_keep(&tally->first[DOUBTFUL], out);
        return;
    }
    if (out != NULL && clause->is_weak) {
        first_keep(&tally->weak, out);
        clause->first[OUT] = NULL;
    }
    for (size_t i = OUT; i < SAID_COUNT; i++)
        if (clause->first[i] != NULL)
            first_keep(&tally->first[i], clause->first[i]);
}

/* A word about something else. Behind "stop texting me" it narrows the request, behind "please
 * stop" it shows that none was made. */
static void loose_read(struct clause *clause, struct tally *tally)
{
    if (clause->hanging != NULL && clause->hanging->kind == REQUEST)
        first_keep(&tally->first[DOUBTFUL], clause->hanging);
    clause->hanging = NULL;
    clause->turn = NULL;
    clause->has_loose = true;
    tally->has_loose = true;
}

/* A row that asks for something. */
static void asked_read(struct clause *clause, const struct row *row, struct tally *tally)
{
    const struct row *turn = clause->turn;
    clause->turn = NULL;
    hanging_settle(clause, tally);
    if (turn != NULL && turn->kind == ASIDE && row->kind == REQUEST)
        first_keep(&tally->first[DOUBTFUL], row);
    if (turn != NULL)
        return;
    if (row->kind == REQUEST || row->kind == ENDING)
        clause->hanging = row;
    else if (row->kind == HINT || row->kind == WANT)
        first_keep(&tally->first[said_by(row)], row);
    else
        first_keep(&clause->first[said_by(row)], row);
    tally->is_all = tally->is_all || row->kind == STOP_ALL;
    tally->is_alone_kind = tally->is_alone_kind || row->kind == ALONE;
}

/* A row that only stands around those. */
static void pad_read(struct clause *clause, const struct row *row, struct tally *tally)
{
    if (row->kind == NOT || row->kind == ASIDE) {
        clause->turn = row;
        tally->has_loose = true;
    }
    bool is_filler = row->kind == FILLER || row->kind == LONE;
    if (is_filler && clause->hanging != NULL && clause->hanging->kind == REQUEST)
        hanging_settle(clause, tally);
    clause->is_weak = clause->is_weak || row->kind == IT;
    tally->has_filler = tally->has_filler || is_filler || row->kind == TAIL || row->kind == IT ||
                        row->kind == JOINT;
    if (row->kind == LONE)
        first_keep(&tally->lone, row);
    tally->has_jest = tally->has_jest || row->kind == JEST;
}

static bool is_asked(const struct clause *clause)
{
    return clause->first[OUT] != NULL || clause->hanging != NULL;
}

static bool is_loose(const struct row *row, const struct clause *clause)
{
    if (row == NULL || row->kind == BESIDE)
        return true;
    bool is_behind = is_asked(clause) || clause->first[EVERYDAY] != NULL;
    return (row->kind == TAIL || row->kind == IT) && !is_behind;
}

/* A word that opens a new sentence (JOINT) ends the clause where something was asked: "stop texting
 * me I have an agent". */
static void clause_read(const struct words *words, size_t from, size_t to, struct tally *tally)
{
    struct clause clause = {.is_curt = false};
    struct lay lays[WORDS_MAX + 1];
    lay_clause(words, from, to, lays);
    for (size_t at = from; at < to; at += lays[at].covered) {
        const struct row *row = lays[at].row;
        tally->count++;
        if (is_loose(row, &clause)) {
            loose_read(&clause, tally);
        } else if (row->kind == JOINT && is_asked(&clause)) {
            clause.is_weak = true;
            clause_settle(&clause, tally);
            clause = (struct clause){.is_curt = false};
            tally->has_loose = true;
        } else if (said_by(row) == NOTHING) {
            pad_read(&clause, row, tally);
        } else {
            bool is_end = at + lays[at].covered == to,
                 is_head = at == from && to - from <= CURT_MAX;
            clause.is_curt = clause.is_curt || ((is_head || is_end) && is_keyword(row));
            asked_read(&clause, row, tally);
        }
    }
    clause_settle(&clause, tally);
}

/* ---- the verdict ---- */

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

static struct keyword keyword_mixed(const struct row *out)
{
    return (struct keyword){KEYWORD_REVIEW, "mixed", out->language, false, false};
}

/* Every word belongs to a row, and none of these is turned. */
static struct keyword covered_decide(const struct tally *tally)
{
    const struct row *const *first = tally->first;
    const struct row *out = tally->weak != NULL ? tally->weak : first[EVERYDAY];
    if (out != NULL && (first[HELPED] != NULL || first[STARTED] != NULL))
        return keyword_mixed(out);
    bool is_plain = !tally->has_jest && (out == tally->weak || !tally->has_filler);
    if (out != NULL)
        return keyword_by(is_plain ? KEYWORD_OPT_OUT : KEYWORD_REVIEW, out, tally);
    if (first[DOUBTFUL] != NULL)
        return keyword_by(KEYWORD_REVIEW, first[DOUBTFUL], tally);
    if (tally->lone != NULL && tally->count == 1)
        return keyword_by(KEYWORD_REVIEW, tally->lone, tally);
    if (tally->has_filler || (first[HELPED] != NULL && first[STARTED] != NULL))
        return keyword_none();
    if (first[HELPED] != NULL)
        return keyword_by(KEYWORD_HELP, first[HELPED], tally);
    if (first[STARTED] != NULL && (!tally->is_alone_kind || tally->count == 1))
        return keyword_by(KEYWORD_OPT_IN, first[STARTED], tally);
    return keyword_none();
}

static struct keyword loose_decide(const struct tally *tally)
{
    const struct row *doubt = tally->first[DOUBTFUL];
    if (doubt == NULL)
        doubt = tally->weak;
    if (doubt == NULL && tally->first[EVERYDAY] != NULL && tally->first[EVERYDAY]->kind != WHOLE)
        doubt = tally->first[EVERYDAY];
    return doubt == NULL || tally->first[WANTED] != NULL ? keyword_none()
                                                         : keyword_by(KEYWORD_REVIEW, doubt, tally);
}

static struct keyword tally_decide(const struct tally *tally)
{
    const struct row *out = tally->first[OUT];
    bool is_request = out != NULL && (out->kind == REQUEST || out->kind == ENDING);
    if (out == NULL)
        return tally->has_loose ? loose_decide(tally) : covered_decide(tally);
    if (tally->first[WANTED] != NULL)
        return keyword_mixed(out);
    if (!tally->has_loose && (tally->first[HELPED] != NULL || tally->first[STARTED] != NULL))
        return keyword_mixed(out);
    return keyword_by(tally->has_jest && !is_request ? KEYWORD_REVIEW : KEYWORD_OPT_OUT, out,
                      tally);
}

/* "st op": a keyword in pieces, and nothing else. */
static struct keyword pieces_classify(const struct words *words)
{
    char joined[JOINED_MAX];
    struct word word;
    const struct row *row = NULL;
    if (words->count > 1 && words_run_together(words, joined, sizeof joined, &word))
        row = lay_find_stop(&word);
    return row == NULL
               ? keyword_none()
               : (struct keyword){KEYWORD_OPT_OUT, row->padded, row->language, false, false};
}

static struct keyword words_classify(const struct words *words)
{
    struct tally tally = {.has_loose = words->is_long};
    size_t from = 0;
    for (size_t i = 0; i < words->count; i++) {
        if (!words->word[i].ends_clause && i + 1 < words->count)
            continue;
        clause_read(words, from, i + 1, &tally);
        from = i + 1;
    }
    struct keyword keyword = tally_decide(&tally);
    return keyword.verdict == KEYWORD_NONE ? pieces_classify(words) : keyword;
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
    uint8_t own[WORDS_OCTETS_MAX + 1]; /* one more, so that a text that is too long shows */
    struct words words;
    text.length = text.length < sizeof own ? text.length : sizeof own;
    words_read(quote_take_off(text, own), &words);
    slips_mend(&words);
    struct keyword keyword = words_classify(&words);
    keyword.is_bare_stop = is_bare_stop(text);
    return keyword;
}

bool keyword_is_yes(struct octets text)
{
    static const char *const answers[] = {
#define ANSWER(words) words,
#include "proto/keyword.def"
    };
    char said[SPOKEN_SIZE];
    if (text.length > ANSWER_OCTETS_MAX || !spoken_whole(text, said))
        return false;
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++)
        if (strcmp(answers[i], said) == 0)
            return true;
    return false;
}

void keyword_lists_digest(char out[DIGEST_HEX_SIZE])
{
    digest_sha256_hex(octets_text(lay_rows_text()), out);
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
