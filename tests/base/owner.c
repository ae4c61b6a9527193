/* Makes owners of files. */
#include "owner.h"

#include "base/target_resolve.h"
#include "check.h"

#include <string.h>
#include <unistd.h>

gd_lease_terms quick_terms(void)
{
    gd_lease_terms terms;
    gd_lease_terms_default(&terms);
    terms.renew = 0.05;
    terms.gone = 0.5;
    terms.patience = 5;
    return terms;
}

gd_lease_terms foreign_terms(void)
{
    gd_lease_terms terms = quick_terms();
    strcpy(terms.host, "elsewhere");
    strcpy(terms.place, "another kernel");
    return terms;
}

gd_target resolved(const char *path)
{
    gd_error error = {""};
    gd_target target;
    check_ok(gd_target_resolve(path, GD_TARGET_FOLLOW, &target, &error), error);
    return target;
}

gd_status own(owner *o, const gd_lease_terms *terms, const char *path)
{
    *o = (owner){.error = {""}};
    o->target = resolved(path);
    check_ok(gd_lease_create(terms, &o->lease, &o->error), o->error);
    return gd_lease_take(o->lease, &o->target, &o->error);
}

void disown(owner *o)
{
    gd_target_release(&o->target);
    gd_lease_free(o->lease);
}

gd_status write_text(owner *o, const char *text, bool named)
{
    gd_status status = gd_target_create(&o->target, named, &o->error);
    if (status == GD_OK && write(o->target.fd, text, strlen(text)) != (ssize_t)strlen(text))
        status = GD_IO;
    return status == GD_OK ? gd_target_commit(&o->target, &o->error) : status;
}
