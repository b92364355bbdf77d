/* SPDX-License-Identifier: BSD-2-Clause */
/* gss_verify_mic: good, changed and reflected MICs, and the window of sequence numbers in many orders. */
#include "harness.h"

#define MANY 200

static OM_uint32 verify(gss_ctx_id_t context, const char *text, const gss_buffer_desc *mic)
{
	gss_buffer_desc message = buffer(text), token = copy_of(mic->value, mic->length);
	gss_qop_t qop = 77;
	OM_uint32 major, minor;

	major = gss_verify_mic(&minor, context, &message, &token, &qop);
	check(GSS_ERROR(major) || qop == GSS_C_QOP_DEFAULT, "qop is %lu", (unsigned long)qop);
	free(token.value);
	return major;
}

/* order computes MICs up to the highest number in the list, and verifies them in the list's order. */
static void order(const char *label, OM_uint32 flags, const int *list)
{
	struct options o = { .flags = flags };
	gss_buffer_desc mics[MANY];
	struct pair p;
	OM_uint32 minor;
	char text[300] = "", number[64];
	int i, n = 0;

	need_pair(&p, &o);
	for (i = 0; list[i] >= 0; i++)
		n = list[i] > n ? list[i] : n;
	for (i = 0; i <= n; i++)
		mics[i] = mic_of(p.init, "text");
	for (i = 0; list[i] >= 0; i++) {
		OM_uint32 major = verify(p.accept, "text", &mics[list[i]]);

		snprintf(number, sizeof(number), " %d:%s", list[i], major == GSS_S_COMPLETE ? "ok" :
		    major == GSS_S_DUPLICATE_TOKEN ? "dup" : major == GSS_S_OLD_TOKEN ? "old" :
		    major == GSS_S_UNSEQ_TOKEN ? "unseq" : major == GSS_S_GAP_TOKEN ? "gap" : major_text(major));
		if (strlen(text) + strlen(number) < sizeof(text))
			strcat(text, number);
	}
	fact("%s, %s:%s", label, flags_text(flags), text);
	for (i = 0; i <= n; i++)
		gss_release_buffer(&minor, &mics[i]);
	release_pair(&p);
}

static void orders(OM_uint32 flags)
{
	static const int in_order[] = { 0, 1, 2, 3, -1 }, twice[] = { 0, 0, 1, 1, -1 }, swapped[] = { 1, 0, 2, -1 },
	    gap[] = { 0, 3, 4, 1, 2, -1 }, backward[] = { 4, 3, 2, 1, 0, -1 }, late_twice[] = { 0, 2, 1, 1, 2, 3, -1 },
	    far[] = { 150, 0, 149, 87, 86, 150, 151, -1 }, edge[] = { 64, 0, 1, 2, 64, 65, 1, 2, -1 },
	    edge63[] = { 63, 0, 0, 64, 0, 65, 1, 2, -1 }, jump[] = { 0, 100, 36, 37, 35, 101, 199, 135, 136, 100, -1 };

	order("in order", flags, in_order);
	order("each twice", flags, twice);
	order("two swapped", flags, swapped);
	order("a gap that is filled", flags, gap);
	order("backward", flags, backward);
	order("a late one twice", flags, late_twice);
	order("far ahead", flags, far);
	order("64 ahead", flags, edge);
	order("63 ahead", flags, edge63);
	order("jumps", flags, jump);
}

int main(void)
{
	struct pair p, q;
	gss_buffer_desc mic, other, message = buffer("text");
	OM_uint32 major, minor;
	size_t i;
	int bad = 0;

	begin(90);
	orders(GSS_C_MUTUAL_FLAG);
	orders(GSS_C_MUTUAL_FLAG | GSS_C_REPLAY_FLAG);
	orders(GSS_C_MUTUAL_FLAG | GSS_C_SEQUENCE_FLAG);
	orders(GSS_C_MUTUAL_FLAG | GSS_C_REPLAY_FLAG | GSS_C_SEQUENCE_FLAG);
	orders(GSS_C_REPLAY_FLAG | GSS_C_SEQUENCE_FLAG);

	need_pair(&p, NULL);
	need_pair(&q, NULL);
	mic = mic_of(p.init, "text");
	fact("another message: %s", major_text(verify(p.accept, "texT", &mic)));
	fact("a longer message: %s", major_text(verify(p.accept, "text ", &mic)));
	fact("no message: %s", major_text(verify(p.accept, "", &mic)));
	fact("reflected: %s", major_text(verify(p.init, "text", &mic)));
	fact("another context: %s", major_text(verify(q.accept, "text", &mic)));
	fact("then the right one: %s", major_text(verify(p.accept, "text", &mic)));
	gss_release_buffer(&minor, &mic);

	mic = mic_of(p.init, "text");
	for (i = 0; i < mic.length * 8; i++) {
		other = copy_of(mic.value, mic.length);
		((unsigned char *)other.value)[i / 8] ^= (unsigned char)(1 << i % 8);
		if (!GSS_ERROR(verify(p.accept, "text", &other)))
			bad++;
		free(other.value);
	}
	fact("of %lu MICs with one bit changed are taken: %d", (unsigned long)mic.length * 8, bad);
	for (i = bad = 0; i < mic.length; i++) {
		other = copy_of(mic.value, i);
		if (!GSS_ERROR(verify(p.accept, "text", &other)))
			bad++;
		free(other.value);
	}
	fact("of %lu MICs cut off are taken: %d", (unsigned long)mic.length, bad);
	other.length = mic.length + 1;
	other.value = calloc(1, other.length);
	if (other.value == NULL)
		return 2;
	memcpy(other.value, mic.value, mic.length);
	fact("one octet too many: %s", major_text(verify(p.accept, "text", &other)));
	fact("after all that the good one: %s", major_text(verify(p.accept, "text", &mic)));
	gss_release_buffer(&minor, &other);
	major = gss_verify_mic(&minor, p.accept, &message, &mic, NULL);
	fact("without an output, once more: %s", major_text(major));
	gss_release_buffer(&minor, &mic);

	mic = wrapped(p.init, 0, "text");
	fact("a wrap token as MIC: %s", major_text(verify(p.accept, "text", &mic)));
	gss_release_buffer(&minor, &mic);
	mic = mic_of(p.init, "text");
	result("no message buffer", gss_verify_mic(&minor, p.accept, GSS_C_NO_BUFFER, &mic, NULL));
	result("no token", gss_verify_mic(&minor, p.accept, &message, GSS_C_NO_BUFFER, NULL));
	result("no context", gss_verify_mic(&minor, GSS_C_NO_CONTEXT, &message, &mic, NULL));
	gss_release_buffer(&minor, &mic);
	release_pair(&p);
	release_pair(&q);
	return end();
}
