/* setting: the table of proto/settings.def as data, and how the text of one value is read.
 *
 * It knows one setting at a time; what two of them have to do with each other is judge's. */
#ifndef CONFIG_SETTING_H
#define CONFIG_SETTING_H

#include <stdbool.h>
#include <stddef.h>

enum section_kind {
#define SECTION(name, title, sentence) SECTION_##name,
#define SETTING(...)
#include "proto/settings.def"
#undef SECTION
#undef SETTING
    SECTION_KINDS
};

/* The member that a row of each type fills. In order: texts, single values, lists. */
enum setting_type {
    SETTING_TEXT,      /* char * */
    SETTING_SECRET,    /* char *, overwritten before it is freed */
    SETTING_TEMPLATE,  /* char *, may hold line breaks and {placeholders} */
    SETTING_FREQUENCY, /* char *, N/day and so on, or empty */
    SETTING_STATUS,    /* char *, a command_status of SMPP in hexadecimal, or empty */
    SETTING_ORIGIN,    /* char *, as one of SETTING_ORIGINS, or empty */
    SETTING_COUNTRY,   /* char *, two capital letters, or empty where least is 0 */
    SETTING_DIGEST,    /* struct config_digest */
    SETTING_WHOLE,     /* long */
    SETTING_DECIMAL,   /* double */
    SETTING_BOOLEAN,   /* bool */
    SETTING_DURATION,  /* int64_t, milliseconds; 0: never */
    SETTING_HOURS,     /* struct config_hours */
    SETTING_CHOICE,    /* an enum (unsigned): the place of the word among the choices */
    SETTING_ADDRESS,   /* struct config_address */
    SETTING_ROLES,     /* unsigned: a bit for each of the choices */
    SETTING_NAMES,     /* struct config_list */
    SETTING_SENDERS,   /* struct config_list */
    SETTING_COUNTRIES, /* struct config_list */
    SETTING_STATUSES,  /* struct config_list, of command_status of SMPP in hexadecimal */
    SETTING_PREFIXES,  /* struct config_list, of beginnings of E.164 numbers with their plus */
    SETTING_TIERS,     /* struct config_tiers: an item is a tier */
    SETTING_RETRIES,   /* struct config_list, of a status and what is done: config/habit.h */
    SETTING_LABELS,    /* struct config_list, of a status and its name */
    SETTING_KINDS,     /* struct config_list, of a kind of sender and one of the choices */
    SETTING_ORIGINS,   /* struct config_list, of origins of the web: https://HOST, with a port or without */
    SETTING_TLVS,      /* struct config_list, of the lines of config/tlv.h */
    SETTING_TLV_VALUES /* struct config_list, of NAME=VALUE */
};

struct section_row {
    const char *name;
    const char *title; /* what the title is; "" for a section without one */
    const char *sentence;
};

struct config_hours;
struct setting {
    enum section_kind section;
    const char *key;
    enum setting_type type;
    size_t offset; /* of the member in the section's struct */
    double least;
    double most;
    const char *choices;
    const char *fallback; /* NULL: required */
    bool is_built;
    const char *sentence;
};

extern const struct section_row section_rows[SECTION_KINDS];
extern const struct setting settings[];
extern const size_t setting_count;

/* Whether a section of that kind has it: a profile has those of a carrier that are habits. */
bool setting_is_of(const struct setting *setting, enum section_kind section);
const struct setting *setting_find(enum section_kind section, const char *key); /* may be NULL */
bool setting_is_list(const struct setting *setting); /* written in braces */
bool setting_is_secret(const struct setting *setting);

/* UTF-8 without control characters, but for line breaks where they are allowed. */
bool setting_text_is_clean(const char *text, bool may_break);

#define SETTING_WHY_SIZE 256

/* Puts the value of a text, or one more item of a list, into a section's struct. False, with the
 * reason in `why` and nothing put, if the text is no such value. Each value is put once. */
bool setting_put(const struct setting *setting, const char *text, void *section,
                 char why[SETTING_WHY_SIZE]);

/* "off", "us", or hours as in 09:00-20:00. False, with the reason. */
bool setting_hours_read(const char *text, struct config_hours *hours, char why[SETTING_WHY_SIZE]);

void setting_put_fallback(const struct setting *setting, void *section);
void setting_wipe(const struct setting *setting, void *section); /* frees what it holds */
/* In a section that was copied octet by octet: texts of its own. Addresses and tiers can't be. */
void setting_own(const struct setting *setting, void *section);

/* Whether a text means what the fallback means: a setting that isn't built may say no other. */
bool setting_is_fallback(const struct setting *setting, const char *text);

#endif
