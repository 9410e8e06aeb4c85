#include "lay.h"

#include "pattern.h"
#include "slip.h"

static const struct row rows[] = {
#define KEYWORD(kind, name, language, words)                                                       \
    {kind, "keyword:" name, "padding:" name, language, words, 0},
#define SLIP(edits, name, language, word)                                                          \
    {WHOLE, "slip:" name, "slip:" name, language, word, edits},
#define PHRASE(kind, name, language, words)                                                        \
    {kind, "phrase:" name, "phrase:" name, language, words, 0},
#define PAD(kind, words) {kind, "", "", "", words, 0},
#include "proto/keyword.def"
};

#define ROW_COUNT (sizeof rows / sizeof *rows)

/* What the rows may start with: made once, from them alone. */
static const struct pattern_starts *rows_starts(void)
{
    static struct pattern_starts starts[ROW_COUNT];
    static bool is_made;
    for (size_t i = 0; !is_made && i < ROW_COUNT; i++)
        pattern_starts_read(rows[i].edits > 0 ? "*" : rows[i].words, &starts[i]);
    is_made = true;
    return starts;
}

/* How many words from `at` on it can cover: bit n is set for n words. */
static uint64_t row_covers(const struct row *row, const struct words *words, size_t at, size_t to)
{
    if (row->kind == ACCENTED && !words->has_accents)
        return 0;
    if (row->edits > 0)
        return slip_is(&words->word[at], row->words, row->edits) ? 2 : 0;
    return pattern_covers(row->words, words->word + at, to - at);
}

static struct lay lay_before(const struct row *row, size_t covered, const struct lay *behind)
{
    int cost = row == NULL ? 2 : row->kind == JOINT ? 1 : 0;
    return (struct lay){row, covered, behind->cost + cost, behind->rows + 1};
}

static bool lay_is_better(const struct lay *a, const struct lay *b)
{
    return a->cost != b->cost ? a->cost < b->cost : a->rows < b->rows;
}

/* `lay` is one of an array: those of the words behind it follow. */
static void lay_try(struct lay *lay, const struct row *row, uint64_t covers)
{
    covers >>= 1;
    for (size_t covered = 1; covers != 0; covered++, covers >>= 1) {
        struct lay other = lay_before(row, covered, lay + covered);
        if ((covers & 1) != 0 && lay_is_better(&other, lay))
            *lay = other;
    }
}

void lay_clause(const struct words *words, size_t from, size_t to, struct lay *lays)
{
    const struct pattern_starts *starts = rows_starts();
    lays[to] = (struct lay){NULL, 0, 0, 0};
    for (size_t at = to; at-- > from;) {
        lays[at] = lay_before(NULL, 1, &lays[at + 1]);
        for (size_t i = 0; i < ROW_COUNT; i++)
            if (pattern_may_start(&starts[i], &words->word[at]))
                lay_try(&lays[at], &rows[i], row_covers(&rows[i], words, at, to));
    }
}

const struct row *lay_find_stop(const struct word *word)
{
    for (size_t i = 0; i < ROW_COUNT; i++)
        if (rows[i].kind == STOP && (pattern_covers(rows[i].words, word, 1) & 2) != 0)
            return &rows[i];
    return NULL;
}

const char *lay_rows_text(void)
{
    static const char all_rows[] =
#define KEYWORD(kind, name, language, words) #kind " " name " " language " " words "\n"
#define SLIP(edits, name, language, word)    #edits " " name " " language " " word "\n"
#define PHRASE(kind, name, language, words)  #kind " " name " " language " " words "\n"
#define PAD(kind, words)                     #kind " " words "\n"
#define OWN(words)                           "OWN " words "\n"
#define MEND(words)                          "MEND " words "\n"
#define SIGN(point)                          #point "\n"
#define LOOKALIKE(point, letter)             #point #letter "\n"
#define ALPHABET(first, letter)              #first #letter "\n"
#define REACTION(words)                      "REACTION " words "\n"
#include "proto/keyword.def"
        ;
    return all_rows;
}
