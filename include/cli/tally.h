/* tally: how often each word was counted: "no_consent 140, opted_out 10". */
#ifndef CLI_TALLY_H
#define CLI_TALLY_H

#include <jansson.h>
#include <stdint.h>
#include <stdio.h>

struct tally {
    json_t *counts; /* word to count; NULL before the first */
    int64_t total;
};

void tally_add(struct tally *tally, const char *word);
void tally_add_all(struct tally *tally, const json_t *counts); /* an object of words and counts */
int64_t tally_count(const struct tally *tally, const char *word);
/* "word count, word count", the most first; equal ones by name. */
void tally_print(const struct tally *tally, FILE *out);
/* As a new object; the caller owns it. */
json_t *tally_json(const struct tally *tally);
void tally_wipe(struct tally *tally);

#endif
