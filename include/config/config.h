/* config: the configuration file, read and judged.
 *
 * What comes out is plain data: every text is there (empty where left out, never NULL), every list
 * and number is within the bounds of proto/settings.def, and every name that one section uses of
 * another exists. Nothing here opens a socket or a database.
 *
 * A `struct config` owns all that it points to and never changes: a reload makes a new one.
 * Reading uses libconfuse, whose lexer is one for the process: load from one thread at a time. */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/octets.h"

enum config_bind { CONFIG_TRANSMITTER, CONFIG_RECEIVER, CONFIG_TRANSCEIVER };
enum config_proxy_header { CONFIG_PROXY_X_FORWARDED_FOR, CONFIG_PROXY_FORWARDED };
enum config_validity { CONFIG_VALIDITY_NONE, CONFIG_VALIDITY_RELATIVE, CONFIG_VALIDITY_ABSOLUTE };
enum config_throttle { CONFIG_THROTTLE_PAUSE, CONFIG_THROTTLE_ADAPTIVE };
enum config_purpose { CONFIG_MARKETING, CONFIG_INFORMATIONAL };
enum config_scope {
    CONFIG_SCOPE_OWNER,
    CONFIG_SCOPE_BRAND,
    CONFIG_SCOPE_CATEGORY,
    CONFIG_SCOPE_PROGRAM
};
enum config_kind {
    CONFIG_KIND_GUESSED, /* only inside of a `sender` section; config_sender_kind never answers it
                          */
    CONFIG_KIND_10DLC,
    CONFIG_KIND_TOLL_FREE,
    CONFIG_KIND_SHORT_CODE,
    CONFIG_KIND_ALPHANUMERIC
};
enum config_sender_choice { CONFIG_SENDER_FIRST, CONFIG_SENDER_ROTATE, CONFIG_SENDER_KNOWN };
enum config_hours_kind { CONFIG_HOURS_OFF, CONFIG_HOURS_US, CONFIG_HOURS_OWN };
enum config_role { /* bits of config_account.roles */
                   CONFIG_ROLE_SENDER = 1,
                   CONFIG_ROLE_CONSENT = 2,
                   CONFIG_ROLE_COMPLIANCE = 4,
                   CONFIG_ROLE_ADMIN = 8
};

struct config_list {
    char **at;
    size_t count;
};

/* Where messages go, in order of preference: a tier is used while one of its carriers is up. */
struct config_choice {
    char *carrier;
    double weight; /* its share within the tier, beside the others' */
    unsigned tier; /* from 0 */
};

struct config_tiers {
    struct config_choice *at; /* by tier */
    size_t count;
};

struct config_address {
    char *host; /* without the brackets of IPv6 */
    uint16_t port;
};

#define CONFIG_DIGEST_SIZE 32 /* SHA-256 */

struct config_digest {
    bool is_set;
    uint8_t octets[CONFIG_DIGEST_SIZE];
};

struct config_hours {
    enum config_hours_kind kind;
    int from, to; /* CONFIG_HOURS_OWN: minutes of the recipient's day, from < to <= 1440 */
};

/* The comments of proto/settings.def say what each member means. */
struct config_listener {
    struct config_address listen;
    char *certificate;
    char *private_key;
    char *ca_file; /* of smpp alone: NULL of http */
    /* Of http alone. */
    long large_body_mb, large_bodies_mb;
    long connections, connections_per_address; /* 0: no limit */
    int64_t request_timeout_ms;
    char *public_url; /* an origin, "" for none */
    struct config_list cors_origins;
    struct config_list trusted_proxies; /* networks: base/network.h */
    enum config_proxy_header proxy_header;
    bool kannel, jasmin;
    bool behind_tls;
};

struct config_carrier {
    char *name;
    char *profile; /* whose settings are in their places already; "": none */
    char *host;
    long port;
    char *system_id;
    char *password;
    char *system_type;
    enum config_bind bind;
    long binds;
    long window;
    double throughput;
    bool tls;
    bool verify;
    char *ca_file;
    char *certificate;
    char *private_key;
    long enquire_link_s;
    long response_timeout_s;
    long throttle_pause_s;
    enum config_throttle throttle;
    char *country; /* never left to default_country here: that is already put in its place */
    int64_t parts_wait_ms;
    unsigned data_coding_0; /* enum text_zero of smpp/text.h */
    unsigned long_messages; /* enum parts_style of smpp/parts.h */
    unsigned message_id; /* enum receipt_match of smpp/receipt.h; 0: it is found out */
    struct config_list opt_out_statuses;
    struct config_list opt_out_errors;
    struct config_list retry, statuses, source_ton, source_npi; /* config/habit.h */
    long dest_ton, dest_npi;
    bool plus;
    enum config_validity validity;
    int64_t validity_limit_ms; /* 0: none */
    long registered_delivery;
    char *service_type;
    long priority_flag;
    char *later_status; /* "" : none */
    int64_t receipt_deadline_ms; /* 0: none */
    bool receipt_by_text, receipt_text_first;
    struct config_list tlvs; /* lines: config/tlv.h reads them */
};

/* The languages that a program has its texts in. */
enum config_language { CONFIG_ENGLISH, CONFIG_SPANISH, CONFIG_FRENCH, CONFIG_LANGUAGES };

struct config_program {
    char *name;
    char *owner; /* the brand where left out */
    char *brand;
    struct config_list senders;
    enum config_sender_choice sender_choice;
    struct config_tiers carriers;
    char *support;
    char *frequency;
    bool frequency_cap;
    char *terms;
    char *privacy;
    struct config_list countries;
    char *confirmation; /* templates: see config_template */
    char *help;
    char *stop;
    enum config_purpose purpose;
    enum config_scope opt_out_scope;
    char *category; /* never empty: that of a marketing program is "marketing" */
    long minimum_age; /* years; 0: none is asked */
    char *help_es, *help_fr, *stop_es, *stop_fr;
    char *confirmation_es, *confirmation_fr, *question_es, *question_fr;
    char *question;
    bool double_opt_in;
    bool keyword_opt_in;
    char *call_to_action;
    bool optin;
    long optin_a_minute; /* 0: any number */
    struct config_list optin_products, optin_frames;
    char *disclosure, *disclosure_es, *disclosure_fr;
    struct config_hours quiet_hours; /* where left out: by the purpose */
    struct config_list national_tables; /* words of proto/gsm7_national.def */
    bool substitute;
    int64_t consent_expires_ms; /* 0: never */
    long review_days;
    struct config_list tlvs; /* NAME=VALUE */
};

enum config_confirms { CONFIG_CONFIRMS_GUESSED, CONFIG_CONFIRMS_US, CONFIG_CONFIRMS_NETWORK };

struct config_sender {
    char *name; /* its address */
    enum config_confirms stop_confirmed_by;
    enum config_kind kind;
    char *campaign;
    double throughput;
};

/* A route is for messages that fit all that it names; an empty list fits all. */
struct config_route {
    char *name;
    struct config_list programs;
    struct config_list senders;
    struct config_list accounts;
    struct config_list prefixes; /* of the recipient's number, with the plus */
    struct config_hours hours;   /* OFF: at any time; never US */
    char *timezone;
    struct config_tiers carriers;
};

struct config_campaign {
    char *name; /* as it is registered */
    char *brand;
    double per_minute;
};

struct config_brand {
    char *name; /* as it is registered */
    long per_day;
    char *timezone;
};

struct config_account {
    char *name;
    struct config_digest api_key, api_key_old;
    unsigned roles; /* of enum config_role */
    struct config_list programs;
    char *system_id;
    struct config_digest password, password_old;
    struct config_list addresses; /* networks: base/network.h */
    long max_binds;               /* 0: no limit */
    long max_transmitters, max_receivers, max_transceivers;
    long window;
    char *outbind_host, *outbind_system_id, *outbind_password;
    long outbind_port;
    char *callback_url;
    char *callback_secret, *callback_secret_old; /* "": it has none */
    long callback_parallel;
    struct config_list inbound;
    struct config_list inbound_words;
    double throughput;
    long quota;
    char *quota_timezone;
};

/* A keyword of programs' own. */
struct config_keyword {
    char *name;
    struct config_list programs;
    struct config_list words, words_es, words_fr;
    char *reply, *reply_es, *reply_fr; /* templates */
    bool strangers;
};

struct config_ledger {
    char *signing_key;
};

struct config_callbacks {
    char *ca_file;
    struct config_list allow; /* networks: base/network.h */
    bool plain_http;
    int64_t timeout_ms;
};

struct config_retention {
    int64_t texts_ms, evidence_ms, audit_ms; /* 0: never erased */
};

struct config {
    char *database;
    char *default_country;
    unsigned log_level; /* enum log_level of base/log.h */
    struct config_listener http;
    struct config_listener smpp;
    struct config_carrier *carriers; /* with what their profiles say */
    size_t carrier_count;
    struct config_carrier *profiles; /* what they alone say: hosts and the like are empty */
    size_t profile_count;
    struct config_program *programs;
    size_t program_count;
    struct config_sender *senders; /* the `sender` sections only: programs name the rest */
    size_t sender_count;
    struct config_route *routes; /* in the order of the file */
    size_t route_count;
    struct config_campaign *campaigns;
    size_t campaign_count;
    struct config_brand *brands;
    size_t brand_count;
    struct config_account *accounts;
    size_t account_count;
    struct config_keyword *keywords;
    size_t keyword_count;
    struct config_ledger ledger;
    struct config_callbacks callbacks;
    struct config_retention retention;
};

/* What is wrong, or odd, with a file. No text of a secret is ever in it. */
struct config_problem {
    char *file;
    int line; /* 0: the file as a whole */
    bool is_warning;
    char *text;
};

struct config_problems {
    struct config_problem *at;
    size_t count;
    size_t error_count;
};

/* Reads a file and all that it includes. `problems` is empty (all zero) and gets everything that
 * was found, by file and line; the caller wipes it. NULL if there is an error among them;
 * warnings alone don't refuse a file. The caller owns the config. */
struct config *config_load(const char *file, struct config_problems *problems);

#define CONFIG_WORD_SIZE 128

/* What is known of the words that people write, to judge those that the file names: consent/spoken.h has it. */
struct config_words {
    /* Folded, so that two that people would take for the same are; false: there is no word in it, or too many. */
    bool (*fold)(const char *text, char out[CONFIG_WORD_SIZE]);
    /* NULL: it is free to be a keyword of a program's own; else what it means already. */
    const char *(*meaning_of)(const char *text);
};
/* The same, and its words are judged as well. */
struct config *config_load_with(const char *file, const struct config_words *words,
                                struct config_problems *problems);
void config_free(struct config *config); /* NULL is fine; secrets are overwritten first */
void config_problems_wipe(struct config_problems *problems);

#define CONFIG_DATABASE_WHY 480

/* The path of the database that the file names, whatever else of it can't be used; where it names none, there must be
 * nothing wrong with it. NULL: `why` says it. The caller owns it. */
char *config_database(const char *file, char why[CONFIG_DATABASE_WHY]);

/* NULL: a running gateway can go over from `a` to `b`; else the setting that it can't follow. */
const char *config_needs_restart(const struct config *a, const struct config *b);
/* Whether what is bound by the settings of one carrier may go on under those of the other. */
bool config_carrier_binds_alike(const struct config_carrier *a, const struct config_carrier *b);
/* A copy of its own, which may outlive the config. */
struct config_carrier *config_carrier_copy(const struct config_carrier *carrier);
void config_carrier_free(struct config_carrier *carrier); /* NULL is fine */

/* NULL where there is none of that name. */
const struct config_carrier *config_carrier_find(const struct config *config, const char *name);
const struct config_carrier *config_profile_find(const struct config *config, const char *name);
const struct config_program *config_program_find(const struct config *config, const char *name);
const struct config_account *config_account_find(const struct config *config, const char *name);
const struct config_campaign *config_campaign_find(const struct config *config, const char *name);
const struct config_brand *config_brand_find(const struct config *config, const char *name);
const struct config_program *config_program_of_sender(const struct config *config,
                                                      const char *sender);

bool config_list_has(const struct config_list *list, const char *text);
bool config_tiers_have(const struct config_tiers *tiers, const char *carrier);
/* Whether a message of the program may leave by that carrier: its own, or one of a route that may be for it. */
bool config_program_uses(const struct config *config, const struct config_program *program,
                         const char *carrier);

/* What a sender is: as its section says, or by its look. */
enum config_kind config_sender_kind(const struct config *config, const char *sender);

/* Whether these octets are the secret behind the digest, in a time that doesn't tell. An unset
 * digest matches nothing. */
struct config_digest config_digest_of(struct octets secret);
bool config_digest_matches(const struct config_digest *digest, struct octets secret);

/* A template of the program as text: {brand} {owner} {support} {frequency} {terms} {privacy}
 * {scope} {texts} {how_often} get their values, those that are words of ours in that language. The template is one that the load
 * has accepted (another is our mistake). The caller owns the text. */
char *config_template(const struct config_program *program, const char *template,
                      enum config_language language);

/* "es", "fr-CA": the language of a tag (BCP 47); one that we have no texts in: English. */
enum config_language config_language_of(const char *tag);

/* The answers to START from somebody without an earlier opt-in: templates, the same for all programs. */
extern const char *const config_not_eligible[CONFIG_LANGUAGES];

/* The reference of all settings, as Markdown; the caller owns it. */
char *config_reference(void);

#endif
