/* sim_pdu: the SMPP that the simulated carrier needs, octets in and out. No sockets, no state.
 *
 * Readers judge as a server does: they give the command_status to answer with, 0 when all is well.
 * What they give out borrows from the body that they read. */
#ifndef SIM_PDU_H
#define SIM_PDU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/octets.h"

#define SIM_HEADER_SIZE 16
#define SIM_RESPONSE    0x80000000u

enum sim_command {
    SIM_BIND_RECEIVER = 0x01,
    SIM_BIND_TRANSMITTER = 0x02,
    SIM_QUERY_SM = 0x03,
    SIM_SUBMIT_SM = 0x04,
    SIM_DELIVER_SM = 0x05,
    SIM_UNBIND = 0x06,
    SIM_REPLACE_SM = 0x07,
    SIM_CANCEL_SM = 0x08,
    SIM_BIND_TRANSCEIVER = 0x09,
    SIM_OUTBIND = 0x0B,
    SIM_ENQUIRE_LINK = 0x15,
    SIM_SUBMIT_MULTI = 0x21,
    SIM_ALERT_NOTIFICATION = 0x102,
    SIM_DATA_SM = 0x103,
    SIM_BROADCAST_SM = 0x111,
    SIM_QUERY_BROADCAST_SM = 0x112,
    SIM_CANCEL_BROADCAST_SM = 0x113,
};
#define SIM_GENERIC_NACK SIM_RESPONSE

enum sim_status {
    SIM_OK = 0x00,
    SIM_BAD_MESSAGE_LENGTH = 0x01,
    SIM_BAD_COMMAND_LENGTH = 0x02,
    SIM_BAD_COMMAND = 0x03,
    SIM_BAD_STATE = 0x04,
    SIM_ALREADY_BOUND = 0x05,
    SIM_BAD_PRIORITY = 0x06,
    SIM_SYSTEM_ERROR = 0x08,
    SIM_BAD_SOURCE = 0x0A,
    SIM_BAD_DESTINATION = 0x0B,
    SIM_BAD_MESSAGE_ID = 0x0C,
    SIM_BAD_PASSWORD = 0x0E,
    SIM_BAD_SYSTEM_ID = 0x0F,
    SIM_CANCEL_FAILED = 0x11,
    SIM_REPLACE_FAILED = 0x13,
    SIM_QUEUE_FULL = 0x14,
    SIM_BAD_SERVICE_TYPE = 0x15,
    SIM_BAD_ESM_CLASS = 0x43,
    SIM_BAD_SYSTEM_TYPE = 0x53,
    SIM_BAD_REPLACE_FLAG = 0x54,
    SIM_THROTTLED = 0x58,
    SIM_BAD_SCHEDULE = 0x61,
    SIM_BAD_EXPIRY = 0x62,
    SIM_LATER_AT_CLIENT = 0x64,
    SIM_BAD_TLV_STREAM = 0xC0,
    SIM_TLV_NOT_ALLOWED = 0xC1,
    SIM_TLV_MISSING = 0xC3,
    SIM_BAD_TLV_VALUE = 0xC4,
    SIM_DELIVERY_FAILURE = 0xFE,
    SIM_UNKNOWN_ERROR = 0xFF,
};

/* ---- a buffer that grows; zeroed before its first use, wiped at the end ---- */

struct sim_buffer {
    uint8_t *at; /* owned */
    size_t length, room;
};

void sim_buffer_add(struct sim_buffer *buffer, const void *from, size_t length);
void sim_buffer_drop(struct sim_buffer *buffer, size_t count); /* at the front */
void sim_buffer_wipe(struct sim_buffer *buffer);

/* ---- reading ---- */

struct sim_header {
    uint32_t length, command, status, sequence;
};

struct sim_header sim_header_read(const uint8_t at[SIM_HEADER_SIZE]);
bool sim_command_is_known(uint32_t command); /* of either direction */

#define SIM_NAME_SIZE                                                                              \
    65 /* system_id and password: clients send longer ones than the 15 and 8 of                    \
          the table (F157) */
#define SIM_ADDRESS_SIZE 65 /* of data_sm; submit_sm has 21 */
#define SIM_ID_SIZE      65

struct sim_address {
    uint8_t ton, npi;
    char digits[SIM_ADDRESS_SIZE]; /* printable ASCII; without "+" under TON 1 */
};

struct sim_login {
    char system_id[SIM_NAME_SIZE]; /* printable ASCII */
    char password[SIM_NAME_SIZE];
    uint8_t version;
};

enum sim_status sim_login_read(struct octets body, struct sim_login *login);

/* How the parts of a long message say that they belong together. */
enum sim_join { SIM_JOIN_NONE, SIM_JOIN_UDH8, SIM_JOIN_UDH16, SIM_JOIN_SAR };

struct sim_submit {
    struct sim_address from, to;
    uint8_t esm_class, registered_delivery, data_coding;
    struct octets header; /* user data header with its length octet; may be empty */
    struct octets text;   /* what follows it */
    struct octets tlvs;   /* all of them, as they came, well-formed */
    bool is_payload;      /* it came in message_payload */
    enum sim_join join;
    uint16_t reference;
    uint8_t part, parts; /* 1 of 1 where nothing is to be joined */
};

/* Of submit_sm and data_sm, as a client of this version may send it. */
enum sim_status sim_submit_read(struct octets body, uint32_t command, uint8_t version,
                                struct sim_submit *submit);

/* The next of them from `*at`, which begins with 0. False at the end. */
bool sim_tlv_next(struct octets tlvs, size_t *at, uint16_t *tag, struct octets *value);

struct sim_query {
    char message_id[SIM_ID_SIZE];
    struct sim_address from;
};

enum sim_status sim_query_read(struct octets body, struct sim_query *query);

/* ---- writing: each adds one whole PDU ---- */

void sim_write_plain(struct sim_buffer *out, uint32_t command, uint32_t status, uint32_t sequence);

/* `version` is what the client speaks: from 3.4 on the answer names ours (F60, F61). */
void sim_write_bound(struct sim_buffer *out, uint32_t command, uint32_t sequence, uint8_t version);

void sim_write_id(struct sim_buffer *out, uint32_t command, uint32_t sequence, const char *id);

/* `final_date` is empty while the state isn't final. */
void sim_write_queried(struct sim_buffer *out, uint32_t sequence, const char *id,
                       const char *final_date, uint8_t message_state);

struct sim_deliver {
    struct sim_address from, to;
    uint8_t esm_class, data_coding;
    bool is_payload;
    bool is_data_sm;          /* instead of deliver_sm; its text is a payload (3.4 4.7.1) */
    struct octets text;       /* with its user data header, if esm_class says so */
    const char *receipted_id; /* NULL: it is no receipt */
    uint8_t message_state;
    uint8_t sar_part, sar_total; /* 0: no SAR TLVs */
    uint16_t reference;
};

#define SIM_SHORT_MESSAGE_MOST 254 /* 3.4 5.2.21 */

/* To a client older than 3.4 go no TLVs, and no data_sm: a payload can't be sent to it, the caller
 * sees to that. */
void sim_write_deliver(struct sim_buffer *out, uint32_t sequence, uint8_t version,
                       const struct sim_deliver *deliver);

#define SIM_DATE_SIZE 13

/* "YYMMDDhhmmss" in UTC: the beginning of an absolute time (3.4 7.1.1), the first ten characters
 * being the dates of a receipt. */
void sim_write_date(int64_t wall_ms, char out[SIM_DATE_SIZE]);

#define SIM_VERSION_34 0x34
#define SIM_VERSION_50 0x50

#endif
