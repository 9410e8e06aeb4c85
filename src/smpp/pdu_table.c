#include "smpp/pdu_table.h"

#include "smpp/pdu.h"

#define ROWS(table) (sizeof(table) / sizeof(table)[0])

#define SMPP_BODY(body) static const struct pdu_field body_##body[] = {
#define SMPP_FIELD(name, kind, write, read, status, show)                                          \
    {#name, FIELD_##kind, write, read, status, SHOW_##show, offsetof(struct pdu, name)},
#define SMPP_BODY_END                                                                              \
    {                                                                                              \
        .kind = FIELD_END                                                                          \
    }                                                                                              \
    }                                                                                              \
    ;
#include "proto/smpp.def"

/* The kind of each field and the type of its member can't differ. */
#define TYPE_U8       uint8_t
#define TYPE_COUNT    uint8_t
#define TYPE_TEXT     struct octets
#define TYPE_TIME     struct octets
#define TYPE_OCTETS   struct octets
#define TYPE_DESTS    struct pdu_list
#define TYPE_FAILURES struct pdu_list
#define TYPE_IDS      struct pdu_list
#define SMPP_BODY(body)
#define SMPP_FIELD(name, kind, ...)                                                                \
    _Static_assert(__builtin_types_compatible_p(__typeof__(((struct pdu *)0)->name), TYPE_##kind), \
                   #name " has another type");
#define SMPP_BODY_END
#include "proto/smpp.def"

static const struct pdu_row commands[] = {
#define SMPP_PDU(id, name, body, kind, esme, mc, versions, reach)                                  \
    {id, #name, body_##body, PDU_##kind, PDU_##esme, PDU_##mc, PDU_##versions, PDU_##reach},
#include "proto/smpp.def"
};

static const struct tlv_row tags[] = {
#define SMPP_TLV(tag, name, kind, least, most, times, show)                                        \
    {tag, #name, TLV_KIND_##kind, least, most, TLV_TIMES_##times, SHOW_##show},
#include "proto/smpp.def"
};

static const struct status_row statuses[] = {
#define SMPP_STATUS(code, name, kind, fate, meaning)                                               \
    {code, #name, STATUS_##kind, FATE_##fate, meaning},
#include "proto/smpp.def"
};

/* What no text defines (F117; 3.4 5.1.3). */
static const struct status_row vendor_status = {0x400, "(vendor)", STATUS_PERMANENT, FATE_GIVE_UP,
                                                "meaning set by the vendor"};
static const struct status_row reserved_status = {0x113, "(reserved)", STATUS_PERMANENT,
                                                  FATE_RETRY_ONCE, "not defined"};

static const char *const deviation_names[] = {
#define SMPP_DEVIATION(name, text) #name,
#include "proto/smpp.def"
};

static const char *const deviation_texts[] = {
#define SMPP_DEVIATION(name, text) text,
#include "proto/smpp.def"
};

const struct pdu_row *pdu_command_find(uint32_t id)
{
    for (size_t i = 0; i < ROWS(commands); i++) {
        if (commands[i].id == id)
            return &commands[i];
    }
    return NULL;
}

const char *pdu_command_name(uint32_t id)
{
    const struct pdu_row *row = pdu_command_find(id);
    return row == NULL ? "unknown" : row->name;
}

const struct status_row *pdu_status_get(uint32_t code)
{
    for (size_t i = 0; i < ROWS(statuses); i++) {
        if (statuses[i].code == code)
            return &statuses[i];
    }
    return code >= 0x400 && code <= 0x4FF ? &vendor_status : &reserved_status;
}

const struct tlv_row *pdu_tag_find(uint16_t tag)
{
    size_t low = 0, high = ROWS(tags);
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (tags[middle].tag == tag)
            return &tags[middle];
        if (tags[middle].tag < tag)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

bool pdu_reaches_handset(uint32_t id)
{
    const struct pdu_row *row = pdu_command_find(id);
    return row == NULL || row->reach == PDU_HANDSET;
}

bool pdu_may_send(const struct pdu_row *row, enum pdu_side side, enum pdu_states state)
{
    return ((side == PDU_ESME ? row->esme : row->mc) & state) != 0;
}

bool pdu_is_known_to(const struct pdu_row *row, uint8_t interface_version)
{
    unsigned version = interface_version < 0x34 ? 1 : interface_version < 0x50 ? 2 : 4;
    return (row->versions & version) != 0;
}

const char *pdu_deviation_name(enum pdu_deviation deviation)
{
    return deviation_names[deviation];
}

const char *pdu_deviation_text(enum pdu_deviation deviation)
{
    return deviation_texts[deviation];
}

const struct pdu_row *pdu_rows(size_t *count)
{
    *count = ROWS(commands);
    return commands;
}

const struct tlv_row *pdu_tags(size_t *count)
{
    *count = ROWS(tags);
    return tags;
}

const struct status_row *pdu_statuses(size_t *count)
{
    *count = ROWS(statuses);
    return statuses;
}
