/* tlv: the TLVs of a carrier's own: what a line of its `tlvs` says, and a value as octets and back. The same tag means
 * one thing at one carrier and another at the next (F390), so values go by names.
 *
 *     NAME TAG TYPE [MOST] [required]       or       … = DEFAULT
 *     NAME [required]                       of the specification's own, those that may be set
 *
 * Values are texts: of an integer decimal, or hexadecimal behind 0x; of a string printable ASCII, and of an octet_string
 * hexadecimal behind 0x as well. Pure. */
#ifndef CONFIG_TLV_H
#define CONFIG_TLV_H

#include "base/octets.h"

enum tlv_type { TLV_C_OCTET_STRING, TLV_OCTET_STRING, TLV_INT1, TLV_INT2, TLV_INT4 };

#define TLV_WHY_SIZE   256
#define TLV_NAME_SIZE  33
#define TLV_VALUE_MOST 1024 /* octets, without the NUL of a c_octet_string */
#define TLV_TEXT_SIZE  (2 * TLV_VALUE_MOST + 3)

struct tlv_rule {
    char name[TLV_NAME_SIZE];
    uint16_t tag;
    enum tlv_type type;
    size_t least, most; /* octets, as above */
    bool is_required;
    const char *fallback; /* inside of the line; NULL: none */
};

/* False, with the reason in `why`: the line says no rule. */
bool tlv_rule_read(const char *line, struct tlv_rule *out, char why[TLV_WHY_SIZE]);

/* A value as the octets of the TLV, into room for TLV_VALUE_MOST + 1. False: it doesn't fit the rule; `why` says what would. */
bool tlv_value_write(const struct tlv_rule *rule, const char *text, uint8_t *out, size_t *length,
                     char why[TLV_WHY_SIZE]);
/* The other way, into a text that tlv_value_write takes. False: these octets don't fit the rule. */
bool tlv_value_read(const struct tlv_rule *rule, struct octets value, char text[TLV_TEXT_SIZE]);

/* "NAME=VALUE" of a program, or "PURPOSE.NAME=VALUE" for the messages of one purpose alone. */
struct tlv_setting {
    char name[TLV_NAME_SIZE];
    const char *purpose; /* a word of proto/message.def; "": all */
    const char *value;   /* inside of the line */
};
bool tlv_setting_read(const char *line, struct tlv_setting *out); /* false: it isn't that */
bool tlv_setting_is_for(const struct tlv_setting *setting, const char *purpose);

/* The rule of that name in a carrier's list, whose lines have all been read before. False: it has none. */
struct config_list;
bool tlv_rule_find(const struct config_list *lines, const char *name, struct tlv_rule *out);

#endif
