#include "http_language.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *const tags[CONFIG_LANGUAGES] = {
    [CONFIG_ENGLISH] = "en", [CONFIG_SPANISH] = "es", [CONFIG_FRENCH] = "fr"};

const char *language_tag(enum config_language language)
{
    return tags[language];
}

bool language_find(const char *tag, enum config_language *out)
{
    for (size_t i = 0; i < CONFIG_LANGUAGES; i++)
        if (strcmp(tags[i], tag) == 0) {
            *out = (enum config_language)i;
            return true;
        }
    return false;
}

/* "0.8" in thousandths; what is none counts as not wanted. */
static int weight_read(const char *text)
{
    int weight = 0, place = 100;
    if (text[0] != '0' && text[0] != '1')
        return 0;
    weight = (text[0] - '0') * 1000;
    for (text += text[1] == '.' ? 2 : 1; *text >= '0' && *text <= '9' && place > 0; text++, place /= 10)
        weight += (*text - '0') * place;
    return weight > 1000 ? 1000 : weight;
}

/* Of "fr-CA;q=0.8" up to the comma. */
static int weight_of(const char *range)
{
    size_t length = strcspn(range, ",");
    const char *q = memmem(range, length, ";", 1);
    if (q == NULL)
        return 1000;
    q += 1 + strspn(q + 1, " \t");
    return strncasecmp(q, "q=", 2) == 0 ? weight_read(q + 2) : 0;
}

enum config_language language_wanted(const char *accept)
{
    enum config_language wanted = CONFIG_ENGLISH;
    int most = 0;
    for (const char *range = accept; *range != '\0'; range += strcspn(range, ","), range += *range == ',') {
        range += strspn(range, " \t");
        size_t length = strcspn(range, "-;, \t");
        int weight = weight_of(range);
        for (size_t i = 0; i < CONFIG_LANGUAGES; i++)
            if (length == 2 && strncasecmp(range, tags[i], 2) == 0 && weight > most) {
                wanted = (enum config_language)i;
                most = weight;
            }
    }
    return wanted;
}
