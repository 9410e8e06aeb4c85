/* pdu_table: proto/smpp.def as constants and rows. Names, numbers and who may do what; no bytes are
 * read or written here, that is pdu.h. All rows are constant and live forever. */
#ifndef SMPP_PDU_TABLE_H
#define SMPP_PDU_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum smpp_command { /* SMPP_submit_sm, SMPP_submit_sm_resp … */
#define SMPP_PDU(id, name, ...) SMPP_##name = id,
#include "proto/smpp.def"
                    SMPP_RESPONSE = 0x80000000 /* the bit that makes a response of a request */
};

enum smpp_status { /* ESME_ROK … */
#define SMPP_STATUS(code, name, ...) name = code,
#include "proto/smpp.def"
};

enum smpp_tag { /* TLV_message_payload … */
#define SMPP_TLV(tag, name, ...) TLV_##name = tag,
#include "proto/smpp.def"
};

enum pdu_deviation { /* PDU_DEVIATION_stray_nul …: bit numbers of struct pdu's mask */
#define SMPP_DEVIATION(name, text) PDU_DEVIATION_##name,
#include "proto/smpp.def"
                     PDU_DEVIATIONS
};

enum pdu_side { PDU_ESME, PDU_MC };

/* Session states as bits, named as the columns of the table use them. */
enum pdu_states {
    PDU_NEVER = 0,
    PDU_OPEN = 1,
    PDU_BOUND_TX = 2,
    PDU_BOUND_RX = 4,
    PDU_BOUND_TRX = 8,
    PDU_UNBOUND = 16,
    PDU_TX = PDU_BOUND_TX | PDU_BOUND_TRX,
    PDU_RX = PDU_BOUND_RX | PDU_BOUND_TRX,
    PDU_BOUND = PDU_TX | PDU_RX,
    PDU_ANY = PDU_OPEN | PDU_BOUND | PDU_UNBOUND
};

enum pdu_versions { PDU_ONLY_33 = 1, PDU_FROM_50 = 4, PDU_FROM_34 = 2 | 4, PDU_ALL = 1 | 2 | 4 };
enum pdu_kind { PDU_REQUEST, PDU_NOTICE, PDU_RESPONSE };
enum pdu_reach { PDU_NOBODY, PDU_HANDSET };

enum pdu_field_kind {
    FIELD_END, /* closes a body */
    FIELD_U8,
    FIELD_TEXT,
    FIELD_TIME,
    FIELD_COUNT,
    FIELD_OCTETS,
    FIELD_DESTS,
    FIELD_FAILURES,
    FIELD_IDS
};

/* What a log may show: all; nothing; how long it is; its ends. */
enum pdu_show { SHOW_SHOWN, SHOW_SECRET, SHOW_TEXT, SHOW_ADDRESS };

struct pdu_field {
    const char *name;
    enum pdu_field_kind kind;
    size_t write, read; /* the longest sent, the longest taken: octets, or entries of a list */
    uint32_t status;    /* answers a longer one */
    enum pdu_show show;
    size_t offset; /* of the member in struct pdu */
};

struct pdu_row {
    uint32_t id;
    const char *name;
    const struct pdu_field *body; /* closed by FIELD_END */
    enum pdu_kind kind;
    enum pdu_states esme, mc; /* in which each side may send it */
    enum pdu_versions versions;
    enum pdu_reach reach;
};

enum tlv_kind { TLV_KIND_U8, TLV_KIND_U16, TLV_KIND_U32, TLV_KIND_TEXT, TLV_KIND_OCTETS };
enum tlv_times { TLV_TIMES_ONCE, TLV_TIMES_MANY };

struct tlv_row {
    uint16_t tag;
    const char *name;
    enum tlv_kind kind;
    size_t least, most;
    enum tlv_times times;
    enum pdu_show show;
};

enum status_kind { STATUS_OK, STATUS_PERMANENT, STATUS_TEMPORARY, STATUS_THROTTLE, STATUS_BIND };
enum status_fate {
    FATE_DONE,
    FATE_RETRY,
    FATE_RETRY_ONCE, /* reserved statuses: nobody knows what they mean (F117) */
    FATE_SLOW_DOWN,
    FATE_REBIND,
    FATE_GIVE_UP
};

struct status_row {
    uint32_t code; /* of a range: its first */
    const char *name;
    enum status_kind kind;
    enum status_fate fate;
    const char *meaning;
};

/* The row of a command, or NULL. */
const struct pdu_row *pdu_command_find(uint32_t id);
const char *pdu_command_name(uint32_t id); /* "unknown" without a row */

/* The row of a status; one that no text defines has the row of its range, vendor or reserved. */
const struct status_row *pdu_status_get(uint32_t code);

/* The row of a tag, or NULL. */
const struct tlv_row *pdu_tag_find(uint16_t tag);

/* A message to a person: only the door for those may send it. Unknown commands: true, to be safe.
 */
bool pdu_reaches_handset(uint32_t id);

/* `state` is one bit of enum pdu_states. */
bool pdu_may_send(const struct pdu_row *row, enum pdu_side side, enum pdu_states state);

/* Whether a peer of this interface_version knows the command: 0x00 to 0x33 is 3.3, 0x34 to
 * 0x4F 3.4, above 5.0 (F60, F61). */
bool pdu_is_known_to(const struct pdu_row *row, uint8_t interface_version);

const char *pdu_deviation_name(enum pdu_deviation deviation);
const char *pdu_deviation_text(enum pdu_deviation deviation);

/* All rows, for tests and documents. */
const struct pdu_row *pdu_rows(size_t *count);
const struct tlv_row *pdu_tags(size_t *count);
const struct status_row *pdu_statuses(size_t *count);

#endif
