/* judge: the rules that tie settings together: names that must exist, things that must be unique,
 * and what the carriers demand of a program's texts.
 *
 * The config was built from the entries: the n-th section of a kind,
 * those not counted that repeat another, is the n-th of its array. */
#ifndef CONFIG_JUDGE_H
#define CONFIG_JUDGE_H

#include "config/config.h"
#include "config/entry.h"

/* words: NULL: those that people write aren't judged. */
void config_judge(const struct config *config, const struct entries *entries,
                  const struct config_words *words, struct config_problems *problems);

#endif
