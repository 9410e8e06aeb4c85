#include "config/secure.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/must.h"

bool secure_listener(const struct config_listener *listener, struct tls **out,
                     struct tls_fault *fault)
{
    struct tls_files files = {.certificate = listener->certificate,
                              .private_key = listener->private_key,
                              .authorities = listener->ca_file};
    *out = NULL;
    if (listener->certificate[0] == '\0')
        return true;
    *out = tls_open_server(&files, fault);
    return *out != NULL;
}

bool secure_carrier(const struct config_carrier *carrier, struct tls **out, struct tls_fault *fault)
{
    struct tls_files files = {.certificate = carrier->certificate,
                              .private_key = carrier->private_key,
                              .authorities = carrier->ca_file};
    *out = NULL;
    if (!carrier->tls)
        return true;
    *out = tls_open_client(&files, carrier->verify, fault);
    return *out != NULL;
}

bool secure_callbacks(const struct config_callbacks *callbacks, struct tls_fault *fault)
{
    struct tls_files files = {.authorities = callbacks->ca_file};
    if (callbacks->ca_file[0] == '\0')
        return true;
    struct tls *tls = tls_open_client(&files, true, fault);
    tls_close(tls);
    return tls != NULL;
}

static bool all_read(const struct config *config, struct secured *out, const char **whose,
                     struct tls_fault *fault)
{
    *whose = "http";
    if (!secure_listener(&config->http, &out->http, fault))
        return false;
    *whose = "smpp";
    if (!secure_listener(&config->smpp, &out->smpp, fault))
        return false;
    *whose = "callbacks";
    if (!secure_callbacks(&config->callbacks, fault))
        return false;
    for (size_t i = 0; i < config->carrier_count; i++) {
        *whose = config->carriers[i].name;
        if (!secure_carrier(&config->carriers[i], &out->carriers[i], fault))
            return false;
    }
    return true;
}

bool secured_open(const struct config *config, struct secured *out, char *error, size_t size)
{
    const char *whose;
    struct tls_fault fault;
    *out = (struct secured){.carrier_count = config->carrier_count};
    out->carriers = mem_new((config->carrier_count + 1) * sizeof *out->carriers);
    if (all_read(config, out, &whose, &fault))
        return true;
    snprintf(error, size, "%.40s: %.200s %s", whose, fault.file, fault.why);
    secured_wipe(out);
    return false;
}

void secured_wipe(struct secured *secured)
{
    tls_close(secured->http);
    tls_close(secured->smpp);
    for (size_t i = 0; i < secured->carrier_count; i++)
        tls_close(secured->carriers[i]);
    free(secured->carriers);
}
