/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What do all the tools share?  Words and options, addresses, complaints, the list of devices. */
#include <arpa/inet.h>
#include <stdio.h>

#include "tools/tools_internal.h"

void tool_print(struct tool_context *tool, const char *format, ...) {
	va_list args;

	va_start(args, format);
	g_string_append_vprintf(tool->out, format, args);
	va_end(args);
}

int tool_error(struct tool_context *tool, const char *what, int err) {
	tool_print(tool, "%s: %s\n", what, g_strerror(-err));
	return 1;
}

int tool_usage(struct tool_context *tool) {
	tool_print(tool, "Usage: %s\n", tool->usage);
	return 4;
}

int tool_ioctl(struct tool_context *tool, unsigned long cmd, void *arg) {
	int fd = sys_socket(tool->task, AF_INET, SOCK_DGRAM, 0), err;

	if (fd < 0)
		return fd;
	err = sys_ioctl(tool->task, fd, cmd, arg);
	sys_close(tool->task, fd);
	return err;
}

/* --- options ---------------------------------------------------------------------------------- */

static int long_option(const struct tool_options *o, const char *name) {
	for (size_t i = 0; o->longs && o->longs[i]; i++) {
		const char *equal = strchr(o->longs[i], '=');

		if (strlen(name) == (size_t)(equal - o->longs[i]) &&
		    g_str_has_prefix(o->longs[i], name))
			return equal[1];
	}
	return TOOL_UNKNOWN;
}

static int short_option(struct tool_options *o) {
	char letter = *o->rest++;
	const char *at = letter == ':' ? NULL : strchr(o->letters, letter);

	if (!at)
		return TOOL_UNKNOWN;
	if (at[1] == ':') {
		o->value = *o->rest ? o->rest : *o->word;
		o->word += !*o->rest && *o->word;
		o->rest = "";
		if (!o->value)
			return TOOL_UNKNOWN;
	}
	return letter;
}

int tool_option(struct tool_options *o) {
	const char *word;

	if (o->rest && *o->rest)
		return short_option(o);
	if (!*o->word)
		return TOOL_END;
	word = *o->word++;
	if (!o->ended && g_str_equal(word, "--")) {
		o->ended = true;
		return tool_option(o);
	}
	if (o->ended || word[0] != '-' || !word[1]) {
		o->value = word;
		return TOOL_WORD;
	}
	if (word[1] == '-')
		return long_option(o, word + 2);
	o->rest = word + 1;
	return short_option(o);
}

/* --- words ------------------------------------------------------------------------------------ */

bool tool_parse_address(const char *text, uint32_t *addr) {
	struct in_addr in;

	if (g_str_equal(text, "default")) {
		*addr = 0;
		return true;
	}
	if (inet_pton(AF_INET, text, &in) != 1)
		return false;
	*addr = ntohl(in.s_addr);
	return true;
}

int tool_number(const char *text, int most) {
	guint64 number;

	return g_ascii_string_to_unsigned(text, 10, 0, (guint64)most, &number, NULL) ? (int)number
	                                                                             : -1;
}

bool tool_parse_mac(const char *text, uint8_t mac[6]) {
	unsigned part[6];
	int end = 0;

	if (sscanf(text, "%2x:%2x:%2x:%2x:%2x:%2x%n", &part[0], &part[1], &part[2], &part[3],
	           &part[4], &part[5], &end) != 6 ||
	    text[end])
		return false;
	for (unsigned i = 0; i < 6; i++)
		mac[i] = (uint8_t)part[i];
	return true;
}

void tool_put_address(struct sockaddr *sa, uint32_t addr) {
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(addr)};

	memcpy(sa, &in, sizeof in);
}

uint32_t tool_get_address(const struct sockaddr *sa) {
	struct sockaddr_in in;

	memcpy(&in, sa, sizeof in);
	return ntohl(in.sin_addr.s_addr);
}

const char *tool_address(char buf[TOOL_ADDRESS], uint32_t addr) {
	g_snprintf(buf, TOOL_ADDRESS, "%u.%u.%u.%u", addr >> 24, addr >> 16 & 255, addr >> 8 & 255,
	           addr & 255);
	return buf;
}

void tool_endpoint(char buf[TOOL_ENDPOINT], uint32_t addr, uint16_t port) {
	char text[TOOL_ADDRESS];

	if (port)
		g_snprintf(buf, TOOL_ENDPOINT, "%s:%u", tool_address(text, addr), port);
	else
		g_snprintf(buf, TOOL_ENDPOINT, "%s:*", tool_address(text, addr));
}

const char *tool_mac(char buf[TOOL_ADDRESS], const uint8_t mac[6]) {
	g_snprintf(buf, TOOL_ADDRESS, "%02X:%02X:%02X:%02X:%02X:%02X", mac[0], mac[1], mac[2],
	           mac[3], mac[4], mac[5]);
	return buf;
}

static void keep_device(void *arg, const struct proc_device *dev) {
	g_array_append_val((GArray *)arg, *dev);
}

/* Letters by letter, the number at the end by value. */
static gint by_name(gconstpointer a, gconstpointer b) {
	const char *one = ((const struct proc_device *)a)->name;
	const char *other = ((const struct proc_device *)b)->name;
	size_t i = 0;

	while (one[i] && one[i] == other[i] && !g_ascii_isdigit(one[i]))
		i++;
	if (g_ascii_isdigit(one[i]) && g_ascii_isdigit(other[i]))
		return (gint)(g_ascii_strtoull(one + i, NULL, 10) >
		              g_ascii_strtoull(other + i, NULL, 10)) -
		       (gint)(g_ascii_strtoull(one + i, NULL, 10) <
		              g_ascii_strtoull(other + i, NULL, 10));
	return (gint)(unsigned char)one[i] - (gint)(unsigned char)other[i];
}

void tool_devices(struct tool_context *tool, void (*fn)(void *arg, const struct proc_device *dev),
                  void *arg) {
	GArray *devices = g_array_new(FALSE, FALSE, sizeof(struct proc_device));

	proc_devices(task_kernel(tool->task), keep_device, devices);
	g_array_sort(devices, by_name);
	for (guint i = 0; i < devices->len; i++)
		fn(arg, &g_array_index(devices, struct proc_device, i));
	g_array_unref(devices);
}
