#include "http_cors.h"

#include <event2/http.h>
#include <string.h>

#include "base/region.h"
#include "config/config.h"

#define EXPOSED "Allow, Retry-After, WWW-Authenticate"
#define TAKEN   "Authorization, Content-Type, Idempotency-Key"
#define DAY_S   "86400"

static bool is_shared(const struct config *config, const char *path)
{
    return config->http.cors_origins.count > 0 && path != NULL && strncmp(path, "/v1/", 4) == 0;
}

static bool is_listed(const struct config *config, const char *path, const char *origin)
{
    return origin != NULL && is_shared(config, path) && config_list_has(&config->http.cors_origins, origin);
}

const char *cors_lines(const struct config *config, const char *path, const char *origin, struct region *region)
{
    if (!is_shared(config, path))
        return "";
    if (!is_listed(config, path, origin))
        return "Vary: Origin\r\n";
    return region_format(region,
                         "Vary: Origin\r\nAccess-Control-Allow-Origin: %s\r\nAccess-Control-Expose-Headers: " EXPOSED
                         "\r\n",
                         origin);
}

bool cors_preflight(struct ask *ask, const char *path, const char *methods)
{
    const char *origin = ask_header(ask, "Origin");
    if (evhttp_request_get_command(ask->request) != EVHTTP_REQ_OPTIONS ||
        *ask_header(ask, "Access-Control-Request-Method") == '\0' ||
        !is_listed(ask->gateway->config, path, origin))
        return false;
    struct evkeyvalq *headers = evhttp_request_get_output_headers(ask->request);
    evhttp_add_header(headers, "Access-Control-Allow-Methods", methods);
    evhttp_add_header(headers, "Access-Control-Allow-Headers", TAKEN);
    evhttp_add_header(headers, "Access-Control-Max-Age", DAY_S);
    answer_text(ask, 204, NULL, octets_of(NULL, 0));
    return true;
}
