/* What accounts log in to the console with: those of the config too, by their names. Only the hash is kept. */
#include "account_parts.h"
#include "base/region.h"
#include "store/store.h"

#define ROWS_FIRST 64 /* the room for their list, until it turns out to be longer */

static struct password_row *rows_read(struct store *store, struct region *region, size_t *count)
{
    for (size_t room = ROWS_FIRST;; room *= 4) {
        struct password_row *rows = region_get(region, room * sizeof *rows);
        if (store_password_list(store, region, rows, room, count) == STORE_FAILED)
            return NULL;
        if (*count < room)
            return rows;
    }
}

static struct account *account_get(struct accounts *accounts, const char *name)
{
    for (size_t i = 0; i < accounts->count; i++)
        if (strcmp(accounts->at[i].name, name) == 0 && accounts->at[i].revoked_at == 0)
            return &accounts->at[i];
    return NULL;
}

static void from_row(struct password *password, const struct password_row *row)
{
    memcpy(password->salt, row->salt, sizeof password->salt);
    memcpy(password->hash, row->hash, sizeof password->hash);
    password->cost = (struct scrypt_cost){row->log_n, row->r, row->p};
    password->set_at = row->set_at;
}

bool account_passwords_read(struct accounts *accounts, struct region *region)
{
    size_t count;
    const struct password_row *rows = rows_read(accounts->store, region, &count);
    for (size_t i = 0; rows != NULL && i < count; i++) {
        struct account *account = account_get(accounts, rows[i].account);
        if (account != NULL)
            from_row(&account->password, &rows[i]);
    }
    return rows != NULL;
}

bool accounts_set_password(struct accounts *accounts, const char *name, const struct password *password)
{
    struct account *account = account_get(accounts, name);
    struct password_row row = {.account = name,
                               .log_n = password->cost.log_n,
                               .r = password->cost.r,
                               .p = password->cost.p,
                               .set_at = password->set_at};
    if (account == NULL)
        return false;
    memcpy(row.salt, password->salt, sizeof row.salt);
    memcpy(row.hash, password->hash, sizeof row.hash);
    account->password = *password;
    store_password_put(accounts->store, &row);
    return true;
}

bool accounts_drop_password(struct accounts *accounts, const char *name)
{
    struct account *account = account_get(accounts, name);
    if (account == NULL)
        return false;
    account->password = (struct password){0};
    store_password_drop(accounts->store, name);
    return true;
}
