/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tools share. */
#ifndef TOOLS_INTERNAL_H
#define TOOLS_INTERNAL_H

#include <errno.h>
#include <string.h>

#include "host/dev/dev.h"
#include "host/socket/syscalls.h"
#include "tools/proc.h"
#include "tools/tools.h"

/* Prints; there is one output for stdout and stderr. */
void tool_print(struct tool_context *tool, const char *format, ...) G_GNUC_PRINTF(2, 3);
/* "WHAT: No such device", as perror() does for a negative errno; returns 1. */
int tool_error(struct tool_context *tool, const char *what, int err);
/* What may be written; returns 4. */
int tool_usage(struct tool_context *tool);

/* An ioctl on an Internet socket made for it, as each tool does: 0 or negative errno. */
int tool_ioctl(struct tool_context *tool, unsigned long cmd, void *arg);

/* "10.0.0.1", or "default" and "0.0.0.0" for 0; false: no address.  Host byte order. */
bool tool_parse_address(const char *text, uint32_t *addr);
/* A whole number from 0 to `most`; -1: none. */
int tool_number(const char *text, int most);
bool tool_parse_mac(const char *text, uint8_t mac[6]);
void tool_put_address(struct sockaddr *sa, uint32_t addr);
uint32_t tool_get_address(const struct sockaddr *sa);
/* Into `buf`, which it returns. */
#define TOOL_ADDRESS 24
const char *tool_address(char buf[TOOL_ADDRESS], uint32_t addr);
#define TOOL_ENDPOINT (TOOL_ADDRESS + 8)
void tool_endpoint(char buf[TOOL_ENDPOINT], uint32_t addr, uint16_t port); /* "10.0.0.1:80", ":*" */
const char *tool_mac(char buf[TOOL_ADDRESS], const uint8_t mac[6]);

/*
 * Options as getopt_long() takes them: letters may stand together (-an), behind a value's letter
 * (':' in `letters`) follows its value in the same word or the next, words without '-' may stand
 * anywhere, "--" ends the options.
 */
struct tool_options {
	char **word; /* to come; begins as argv + 1 */
	const char *letters;
	const char *const *longs; /* "all=a", "stack=S", NULL */
	const char *rest;         /* letters of the present word that are to come */
	const char *value;        /* of the option, or a word that is none */
	bool ended;
};
enum { TOOL_END = 0, TOOL_WORD = 1, TOOL_UNKNOWN = '?' };
/* The next option's letter, TOOL_WORD for a word that is none, TOOL_UNKNOWN, TOOL_END. */
int tool_option(struct tool_options *o);

int tool_ifconfig(struct tool_context *tool, int argc, char **argv);
int tool_route(struct tool_context *tool, int argc, char **argv);
int tool_arp(struct tool_context *tool, int argc, char **argv);
int tool_netstat(struct tool_context *tool, int argc, char **argv);
int tool_sopstat(struct tool_context *tool, int argc, char **argv);
/* The routing table: as route prints it, or, `netstat`, with netstat's columns. */
void tool_print_routes(struct tool_context *tool, bool numeric, bool netstat);
/* Interfaces, those that are down only if `all`: a line each as netstat -i, and ifconfig's way. */
void tool_print_interfaces(struct tool_context *tool, bool all);
int tool_show_interfaces(struct tool_context *tool, const char *wanted, bool all);
/* The devices in the order in which net-tools sort their names: eth2 before eth10, lo among them. */
void tool_devices(struct tool_context *tool, void (*fn)(void *arg, const struct proc_device *dev),
                  void *arg);
/* Counters of all stacks, as netstat -s; all parts if none is wanted. */
void tool_print_statistics(struct tool_context *tool, bool tcp, bool udp, bool ip);

#endif
