/* judge_parts: the inside of the judge, shared by its files:
 *
 *   judge.c          carriers, routes, accounts and the rest, and which section is whose
 *   judge_program.c  a program: its texts, hours, TLVs and tables
 *   judge_optin.c    the form of a program
 *   judge_keyword.c  a program's own keywords
 */
#ifndef CONFIG_JUDGE_PARTS_H
#define CONFIG_JUDGE_PARTS_H

#include "config/judge.h"
#include "config/problem.h"

/* One section under judgement. */
struct judgement {
    const struct config *config;
    struct config_problems *problems;
    const struct entry_section *section;
    const struct config_words *words; /* NULL: not judged */
};

/* At the line of a key, or of the section where the key is left out. */
#define complain_of(j, key, is_warning, ...)                                                       \
    complain_at(j, entry_find((j)->section, key), is_warning, __VA_ARGS__)

#define complain_at(j, entry, is_warning, format, ...)                                             \
    problem_add((j)->problems, judge_file(j, entry), judge_line(j, entry), is_warning,                   \
                "%s%s%s: " format, section_rows[(j)->section->kind].name,                          \
                (j)->section->title[0] == '\0' ? "" : " ", (j)->section->title, __VA_ARGS__)

/* In the order of the choices. */
enum zero { ZERO_GSM7, ZERO_PACKED, ZERO_LATIN1, ZERO_ASCII };
enum style { STYLE_UDH, STYLE_UDH16, STYLE_SAR, STYLE_PAYLOAD };

const char *judge_file(const struct judgement *j, const struct entry *entry);
int judge_line(const struct judgement *j, const struct entry *entry);
const struct entry *judge_next(const struct entry_section *section, const char *key,
                               const struct entry *last);
void judge_names(const struct judgement *j, const char *key, const char *what,
                 bool (*exists)(const struct config *, const char *));
bool judge_has_program(const struct config *config, const char *name);
void judge_tiers(const struct judgement *j, const struct config_tiers *tiers);
bool judge_has_zone(const char *name);
void judge_text(const struct judgement *j, const struct config_program *program,
                const char *key, const char *template);
void judge_optin(const struct judgement *j, const struct config_program *program);
void judge_program(const struct judgement *j, const struct config_program *program);
void judge_keyword(const struct judgement *j, const struct config_keyword *keyword);

#endif
