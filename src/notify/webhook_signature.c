#include "notify/webhook_signature.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/base64.h"
#include "base/digest.h"
#include "base/must.h"

#define PREFIX "whsec_"

static struct octets key_of(const char *secret, uint8_t *room)
{
    size_t length = 0;
    struct octets text = octets_text(secret);
    if (strncmp(secret, PREFIX, strlen(PREFIX)) != 0)
        return text;
    struct octets behind = octets_of(text.at + strlen(PREFIX), text.length - strlen(PREFIX));
    return base64_read(behind, room, &length) && length > 0 ? octets_of(room, length) : text;
}

static void sign_with(const char *secret, struct octets signed_text, char out[WEBHOOK_SIGNATURES_SIZE])
{
    uint8_t mac[DIGEST_SIZE];
    char text[BASE64_SIZE(DIGEST_SIZE)];
    uint8_t *room = mem_new(strlen(secret) + 4);
    digest_hmac_sha256(key_of(secret, room), signed_text, mac);
    memset(room, 0, strlen(secret) + 4);
    free(room);
    base64_write(octets_of(mac, sizeof mac), text);
    size_t used = strlen(out);
    snprintf(out + used, WEBHOOK_SIGNATURES_SIZE - used, "%sv1,%s", used == 0 ? "" : " ", text);
}

void webhook_sign(const char *const secrets[2], const char *id, int64_t at_s, struct octets body,
                  char out[WEBHOOK_SIGNATURES_SIZE])
{
    char head[128];
    int length = snprintf(head, sizeof head, "%s.%lld.", id, (long long)at_s);
    must(length > 0 && (size_t)length < sizeof head);
    size_t size = (size_t)length + body.length;
    uint8_t *text = mem_new(size);
    memcpy(text, head, (size_t)length);
    if (body.length > 0)
        memcpy(text + length, body.at, body.length);
    out[0] = '\0';
    for (size_t i = 0; i < 2; i++)
        if (secrets[i][0] != '\0')
            sign_with(secrets[i], octets_of(text, size), out);
    free(text);
}
