/* account_parts: what the files of the accounts share. Private to src/consent/account*.c. */
#ifndef CONSENT_ACCOUNT_PARTS_H
#define CONSENT_ACCOUNT_PARTS_H

#include "base/loop.h"
#include "consent/account.h"

struct account_key_row;

struct accounts {
    struct loop *loop;
    const struct config *config;
    struct store *store;
    struct account *at;
    size_t count;
    bool has_words; /* some account names words */
    struct timer use_timer; /* set: some key's use is not on disk */
};

/* NULL: none of that name, or it is of the config, or revoked. */
struct account *accounts_kept(struct accounts *accounts, const char *name);

/* ---- account_key.c ---- */

void account_keys_from_config(struct account *account, const struct config_account *config);
void account_keys_from_row(struct account *account, const struct account_key_row *row);
/* A new one, in the open transaction. */
void account_key_make(struct accounts *accounts, struct account *account, int64_t now_ms,
                      char key[ACCOUNT_KEY_SIZE]);

/* ---- account_password.c ---- */

bool account_passwords_read(struct accounts *accounts, struct region *region); /* false: they can't be read */

/* ---- account_use.c ---- */

/* When each was used last, as the disk has it, or as it was known before and isn't on disk yet. False: it can't be read. */
bool account_uses_read(struct accounts *accounts, struct account *account, const struct account *before);
void account_use_forget(struct accounts *accounts, const struct account *account, const char *key_id);

#endif
