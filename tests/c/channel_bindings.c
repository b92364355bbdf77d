/* SPDX-License-Identifier: BSD-2-Clause */
/* channel_bindings: an initiator that claims always to supply bindings is refused if they are missing. */
#include "harness.h"

#ifndef GSS_C_CHANNEL_BOUND_FLAG
#define GSS_C_CHANNEL_BOUND_FLAG 2048
#endif

static struct gss_channel_bindings_struct x, y;

static void pair(const char *mech_name, const char *says, const char *which, const struct options *o)
{
	char label[160];
	struct pair p;

	snprintf(label, sizeof(label), "%s, %s, %s%s", mech_name, which, says,
	    o->flags & GSS_C_DELEG_FLAG ? ", delegation" : o->flags & GSS_C_DCE_STYLE ? ", DCE style" : "");
	if (establish(&p, o))
		fact("%s: %s%s%s", label, p.accept_flags & GSS_C_CHANNEL_BOUND_FLAG ? "bound" : "not bound",
		    p.init_flags & GSS_C_CHANNEL_BOUND_FLAG ? ", and the initiator's flags say so" : "",
		    p.delegated != GSS_C_NO_CREDENTIAL ? ", with a credential" : "");
	else
		fact("%s: initiator %s, acceptor %s", label, major_text(p.init_major), major_text(p.accept_major));
	check(!GSS_ERROR(p.accept_major) || p.delegated == GSS_C_NO_CREDENTIAL, "%s: an error and a credential", label);
	release_pair(&p);
}

/* all tries all bindings of both sides with each claim of the initiator. */
static void all(const char *says, OM_uint32 asked)
{
	static const struct {
		const char *name;
		gss_channel_bindings_t init, accept;
	} given[] = {
		{ "none", NULL, NULL }, { "the initiator's alone", &x, NULL }, { "the acceptor's alone", NULL, &x },
		{ "the same", &x, &x }, { "different ones", &x, &y },
	};
	static const OM_uint32 flags[] = {
		0, GSS_C_MUTUAL_FLAG, GSS_C_MUTUAL_FLAG | GSS_C_DELEG_FLAG, GSS_C_MUTUAL_FLAG | GSS_C_DCE_STYLE,
	};
	struct options o = { .target = SERVICE };
	size_t i, k;
	int spnego;

	for (i = 0; i < COUNT(given); i++) {
		for (k = 0; k < COUNT(flags); k++) {
			for (spnego = 0; spnego < 2; spnego++) {
				char name[32];

				snprintf(name, sizeof(name), "%s%s", spnego ? "SPNEGO" : "krb5", flags[k] == 0 ? ", one way" : "");
				o.flags = flags[k] | asked;
				o.mech = spnego ? &spnego_mech : &krb5_mech;
				o.init_bindings = given[i].init;
				o.accept_bindings = given[i].accept;
				pair(name, says, given[i].name, &o);
			}
		}
	}
}

int main(void)
{
	begin(90);
	x.application_data = buffer("tls-unique:x");
	y.application_data = buffer("tls-unique:y");
	all("says nothing", 0);
	all("asks for them", GSS_C_CHANNEL_BOUND_FLAG);
	with_config("[libdefaults]\n\tclient_aware_channel_bindings = true\n");
	all("configured to", 0);
	with_config("");
	return end();
}
