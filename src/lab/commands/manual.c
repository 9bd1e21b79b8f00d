/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How do the tables of options become a page of the manual? */
#include "lab/commands/manual.h"

#include <stdio.h>

#include "lab/base/version.h"
#include "lab/commands/commands.h"

/* Text as text: no dot or quote begins a request, no hyphen becomes another sign. */
static void print_text(const char *text) {
	for (const char *c = text; *c; c++) {
		if ((c == text || c[-1] == '\n') && (*c == '.' || *c == '\''))
			fputs("\\&", stdout);
		if (*c == '\\')
			fputs("\\e", stdout);
		else if (*c == '-' || *c == '\'' || *c == '`' || *c == '^' || *c == '~')
			printf(*c == '-'    ? "\\-"
			       : *c == '\'' ? "\\(aq"
			       : *c == '`'  ? "\\(ga"
			       : *c == '^'  ? "\\(ha"
			                    : "\\(ti");
		else
			putchar(*c);
	}
}

static void print_option(const GOptionEntry *entry) {
	printf(".TP\n.B ");
	print_text("--");
	print_text(entry->long_name);
	if (entry->arg_description) {
		printf("\\fR=\\fI");
		print_text(entry->arg_description);
		printf("\\fR");
	}
	printf("\n");
	print_text(entry->description);
	printf("\n");
}

/* Takes the place of an option's parser. */
static void tell(const GOptionEntry *entries, const char *usage, const char *summary) {
	print_text(usage);
	printf("\n.PP\n.nf\n");
	print_text(summary);
	printf("\n.fi\n");
	for (; entries->long_name; entries++)
		print_option(entries);
}

static void print_heading(const char *name, const char *help) {
	printf(".SS ");
	print_text(name);
	printf(": ");
	print_text(help);
	printf("\n");
}

void manual_text(const char *name, const char *help, const char *text) {
	print_heading(name, help);
	printf(".nf\n");
	print_text(text);
	printf(".fi\n");
}

void manual_command(const char *name, int (*run)(int argc, char **argv), const char *help) {
	char *words[] = {(char *)name, NULL}, **argv = words;

	print_heading(name, help);
	printf(".B sopsim %s\n", name);
	command_tell(tell);
	run(1, argv);
	command_tell(NULL);
}

void manual_begin(void) {
	printf(".TH SOPSIM 1 \"\" \"sopsim %s\" \"User Commands\"\n"
	       ".SH NAME\nsopsim \\- simulate a server, its sockets over PCI and its TCP offload cards\n"
	       ".SH SYNOPSIS\n.B sopsim\n.I COMMAND\n.RI [ OPTION ...]\n"
	       ".SH DESCRIPTION\n"
	       "Simulates a Linux 2.4 server, its SOP layer (sockets over PCI) and its TCP offload\n"
	       "cards. The scenarios that come with the program are included by name, from anywhere.\n"
	       ".SH COMMANDS\n",
	       version_number());
}

void manual_end(void) {
	printf(".SH EXIT STATUS\n.TP\n.B 0\nDone.\n.TP\n.B 1\nA check did not hold.\n"
	       ".TP\n.B 2\nBad usage or input.\n.TP\n.B 3\nA defect.\n");
}
