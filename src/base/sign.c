#include "base/sign.h"

#include <errno.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/must.h"

struct sign_key {
    EVP_PKEY *pair;
};

/* OpenSSL would ask the terminal. */
static int no_passphrase(char *out, int size, int is_writing, void *owner)
{
    (void)out;
    (void)size;
    (void)is_writing;
    (void)owner;
    return -1;
}

static FILE *open_file(const char *name, char why[SIGN_WHY_SIZE])
{
    FILE *file = fopen(name, "re");
    if (file == NULL)
        snprintf(why, SIGN_WHY_SIZE, "can't be read: %s", strerror(errno));
    return file;
}

static bool is_private(FILE *file, char why[SIGN_WHY_SIZE])
{
    struct stat about;
    if (fstat(fileno(file), &about) == 0 && (about.st_mode & (S_IRWXG | S_IRWXO)) == 0)
        return true;
    snprintf(why, SIGN_WHY_SIZE, "may be read by others than its owner: chmod 600");
    return false;
}

/* NULL: it is no such key. Takes the pair. */
static EVP_PKEY *ed25519_of(EVP_PKEY *pair, const char *what, char why[SIGN_WHY_SIZE])
{
    if (pair != NULL && EVP_PKEY_get_id(pair) == EVP_PKEY_ED25519)
        return pair;
    snprintf(why, SIGN_WHY_SIZE, "holds no Ed25519 %s key in PEM", what);
    EVP_PKEY_free(pair);
    return NULL;
}

struct sign_key *sign_open(const char *name, char why[SIGN_WHY_SIZE])
{
    EVP_PKEY *pair = NULL;
    FILE *file = open_file(name, why);
    if (file == NULL)
        return NULL;
    if (is_private(file, why))
        pair = ed25519_of(PEM_read_PrivateKey(file, NULL, no_passphrase, NULL), "private", why);
    fclose(file);
    if (pair == NULL)
        return NULL;
    struct sign_key *key = mem_new(sizeof *key);
    key->pair = pair;
    return key;
}

void sign_close(struct sign_key *key)
{
    if (key == NULL)
        return;
    EVP_PKEY_free(key->pair);
    free(key);
}

void sign_public(const struct sign_key *key, uint8_t out[SIGN_PUBLIC_SIZE])
{
    size_t length = SIGN_PUBLIC_SIZE;
    must(EVP_PKEY_get_raw_public_key(key->pair, out, &length) == 1 && length == SIGN_PUBLIC_SIZE);
}

void sign_make(const struct sign_key *key, struct octets statement, uint8_t out[SIGNATURE_SIZE])
{
    size_t length = SIGNATURE_SIZE;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    must(context != NULL && EVP_DigestSignInit(context, NULL, NULL, NULL, key->pair) == 1 &&
         EVP_DigestSign(context, out, &length, statement.at, statement.length) == 1 &&
         length == SIGNATURE_SIZE);
    EVP_MD_CTX_free(context);
}

bool sign_public_read(const char *name, uint8_t out[SIGN_PUBLIC_SIZE], char why[SIGN_WHY_SIZE])
{
    FILE *file = open_file(name, why);
    if (file == NULL)
        return false;
    EVP_PKEY *key = ed25519_of(PEM_read_PUBKEY(file, NULL, no_passphrase, NULL), "public", why);
    fclose(file);
    if (key == NULL)
        return false;
    struct sign_key view = {.pair = key};
    sign_public(&view, out);
    EVP_PKEY_free(key);
    return true;
}

bool sign_check(const uint8_t key[SIGN_PUBLIC_SIZE], struct octets statement,
                const uint8_t signature[SIGNATURE_SIZE])
{
    EVP_PKEY *public = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, key, SIGN_PUBLIC_SIZE);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    must(context != NULL);
    bool is_good = public != NULL && EVP_DigestVerifyInit(context, NULL, NULL, NULL, public) == 1 &&
                   EVP_DigestVerify(context, signature, SIGNATURE_SIZE, statement.at,
                                    statement.length) == 1;
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(public);
    return is_good;
}
