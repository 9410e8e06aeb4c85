/* account: a client of the gateway: who it is, what it may do, in which programs. Those of the config are
 * changed only in the file; others are kept in the database (assent account). A name exists once. */
#ifndef CONSENT_ACCOUNT_H
#define CONSENT_ACCOUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/octets.h"
#include "config/config.h"
#include "consent/password.h"

struct accounts;
struct inbound;
struct loop;
struct region;
struct store;

#define ACCOUNT_KEY_SIZE    72 /* "assent_" and 64 hexadecimal digits: 256 random bits; and the NUL */
#define ACCOUNT_KEY_ID_SIZE 9  /* the first 8 hexadecimal digits of its SHA-256: names it, and tells nothing of it */
#define ACCOUNT_KEYS_MOST   8  /* valid ones of an account */

struct account_key {
    char id[ACCOUNT_KEY_ID_SIZE];
    uint8_t hash[32];    /* SHA-256 of it */
    int64_t created_at;  /* 0: it is of the config */
    int64_t ends_at;     /* 0: no end is set */
    int64_t used_at;     /* last; 0: never */
    bool is_use_unwritten;
};

struct account {
    char *name;
    unsigned roles;             /* of enum config_role */
    struct config_list programs;
    struct account_key *keys;   /* in the order in which they were made; the ended ones too */
    size_t key_count;
    const struct config_account *config; /* NULL: it is kept in the database */
    struct config_list words;            /* inbound_words, folded, without the star */
    bool hears_every_word;               /* with the star */
    double throughput;    /* parts a second that it may hand in; 0: no limit */
    int64_t quota;        /* parts a day; 0: no limit */
    char *quota_timezone; /* whose day */
    int64_t created_at, revoked_at;
    struct password password; /* for the console */
};

/* Borrows the config. NULL: the kept ones can't be read. */
struct accounts *accounts_open(struct loop *loop, const struct config *config, struct store *store);
void accounts_close(struct accounts *accounts);
bool accounts_reload(struct accounts *accounts); /* after a commit that failed */
/* The same with another config. False: the kept ones can't be read, and nothing changed. */
bool accounts_reconfigure(struct accounts *accounts, const struct config *config);

size_t accounts_count(const struct accounts *accounts);
const struct account *accounts_at(const struct accounts *accounts, size_t i);

/* NULL: none, or revoked. What is found lives as long as the turn: accounts are moved when one is added. */
const struct account *accounts_find(const struct accounts *accounts, const char *name);
/* By a key that is valid; `which` gets it. Takes the same time whichever it is. */
const struct account *accounts_find_key(const struct accounts *accounts, struct octets key,
                                        int64_t now_ms, struct account_key **which);
/* By its SMPP login. Takes the same time for an unknown system_id as for a wrong password (F158). */
const struct account *accounts_find_login(const struct accounts *accounts, struct octets system_id,
                                          struct octets password);

/* Whether what somebody logged in with would still let them in: the digest of the password (config_digest_of). */
bool account_login_stands(const struct account *account, const char *system_id,
                          struct config_digest password);

bool account_has_role(const struct account *account, enum config_role role);
bool account_may_use(const struct account *account, const char *program);
/* By its addresses, with the system_id and password; without a port, IPv6 without brackets. */
bool account_may_come_from(const struct account *account, const char *address);
/* Whether what somebody wrote is handed to it: by the sender, and by the first word where accounts name words. A text whose
 * first word is somebody's is for those alone, and for who has the star; what concerns consent is for all. program: NULL
 * where no program owns the address. */
bool accounts_hears(const struct accounts *accounts, const struct account *account,
                    const struct inbound *inbound, const char *program);

/* Roles as words parted by commas. False: one of them is none (its text is in `bad`). */
bool account_roles_read(const char *words, unsigned *roles, char bad[32]);
const char *account_role_word(enum config_role role);

/* ---- those of the database: what is said of one ---- */

struct account_terms {
    unsigned roles;
    const char *programs; /* parted by commas */
    int64_t throughput, quota;
    const char *quota_timezone;
};
struct account_terms account_terms_of(const struct account *account, struct region *region);

/* Makes one in the open transaction; `key` is shown once and kept as a hash only. False: the name exists. */
bool accounts_add(struct accounts *accounts, const char *name, const struct account_terms *terms,
                  int64_t now_ms, char key[ACCOUNT_KEY_SIZE]);
/* False: there is none of that name in the database. */
bool accounts_set(struct accounts *accounts, const char *name, const struct account_terms *terms);
/* False: there is none of that name in the database. */
bool accounts_revoke(struct accounts *accounts, const char *name, int64_t now_ms);

/* ---- account_key.c ---- */

bool account_key_is_valid(const struct account_key *key, int64_t now_ms);
struct account_key *account_key_find(const struct account *account, const char *id); /* NULL: none of that id */
/* Whether the key that somebody came in with, by its hash, would still let them in. */
bool account_key_stands(const struct account *account, const uint8_t hash[32], int64_t now_ms);
/* One more key for an account of the database; those that it had end after the overlap, or when they were to end before.
 * False: it has ACCOUNT_KEYS_MOST. */
bool accounts_rotate(struct accounts *accounts, const char *name, int64_t overlap_ms, int64_t now_ms,
                     char key[ACCOUNT_KEY_SIZE]);
/* Ends one at once, if it hasn't ended. False: the database has no such account, or that no such key. */
bool accounts_revoke_key(struct accounts *accounts, const char *name, const char *id, int64_t now_ms);

/* ---- account_password.c ---- */

/* In the place of what it had. False: there is none of that name that isn't revoked. */
bool accounts_set_password(struct accounts *accounts, const char *name, const struct password *password);
bool accounts_drop_password(struct accounts *accounts, const char *name);

/* ---- account_use.c ---- */

/* Noted, and on disk within a minute. */
void accounts_key_used(struct accounts *accounts, struct account_key *key, int64_t now_ms);
void accounts_write_uses(struct accounts *accounts); /* now, in the open transaction */

#endif
