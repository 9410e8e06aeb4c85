/* template: a program's text with {placeholders}. config_template (config/config.h) fills them in;
 * here is what the load needs to judge one. */
#ifndef CONFIG_TEMPLATE_H
#define CONFIG_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct template_row {
    const char *name; /* with its braces */
    const char *sentence;
};

extern const struct template_row template_rows[];
extern const size_t template_row_count;

/* Whether every brace that opens begins a placeholder that exists; where not, `at` is the brace. */
bool template_is_sound(const char *template, const char **at);

/* How much of one message part a text (valid UTF-8) takes: `used` of `room`. That is 160 septets
 * in GSM 03.38, its extension characters counting twice, or else 70 units of UTF-16. */
struct template_measure {
    bool is_gsm;
    size_t used;
    size_t room;
};

struct template_measure template_measure(const char *text);
/* The same where of GSM 03.38 only what is not above `last` can be said. */
struct template_measure template_measure_up_to(const char *text, int32_t last);

#endif
