/* SPDX-License-Identifier: GPL-3.0-or-later */
/* check: figures against a baseline. */
#include <stdio.h>

#include "lab/base/folder.h"
#include "lab/base/place.h"
#include "lab/commands/commands.h"
#include "lab/figures/check_about.h"
#include "lab/figures/check_report.h"
#include "lab/scenario/quantity.h"

struct options {
	char *against, *junit, *tolerance;
	gboolean all, no_intervals, github, json;
};

static bool take_tolerance(const char *text, struct check_rules *rules) {
	const char *why;
	double tolerance;

	if (!text)
		return true;
	if (quantity_number(VALUE_SHARE, text, &tolerance, &why) && tolerance >= 0 &&
	    tolerance <= 1) {
		check_rules_set(rules, tolerance);
		return true;
	}
	fprintf(stderr,
	        "sopsim check: --tolerance: %s is out of range; allowed: a number from 0 to 1, or a "
	        "share such as 5%%\n",
	        text);
	return false;
}

static bool write_junit(const struct check_report *report, const char *file, GError **error) {
	g_autoptr(GError) trouble = NULL;
	GString *xml = check_report_junit(report);
	bool good = output_put(file, xml->str, (gssize)xml->len, &trouble);

	g_string_free(xml, TRUE);
	if (!good)
		g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT,
		            "check: --junit: '%s' cannot be written: %s; allowed: a file in a "
		            "folder that there is",
		            file, trouble->message);
	return good;
}

static void print_answer(const struct check_report *report) {
	struct answer *answer = answer_new("check", NULL, ANSWER_NO_SEED);

	check_report_answer(report, answer);
	answer_print(answer);
}

static void print_report(const struct check_report *report, const struct options *o,
                         const char *dir) {
	GString *text = check_report_text(report);
	GString *annotations = check_report_github(report, dir);

	fputs(text->str, stdout);
	if (o->github)
		fputs(annotations->str, stdout);
	g_string_free(text, TRUE);
	g_string_free(annotations, TRUE);
}

static int check(struct check_rules *rules, struct check_report *report, const struct options *o,
                 const char *dir) {
	struct check c = {.rules = rules, .all = o->all, .tell = check_report_take, .arg = report};
	g_autoptr(GError) error = NULL;

	if (!check_rules_read(rules, o->against, &error))
		return lab_error_report(error);
	if (!take_tolerance(o->tolerance, rules))
		return EXIT_BAD_INPUT;
	if (o->no_intervals)
		check_rules_set_intervals(rules, false);
	if (!check_folders(&c, o->against, dir, &error))
		return lab_error_report(error);
	check_report_about(report, check_about(o->against, dir));
	if (o->junit && !write_junit(report, o->junit, &error))
		return lab_error_report(error);
	if (o->json)
		print_answer(report);
	else
		print_report(report, o, dir);
	return c.moved ? EXIT_CHECK_FAILED : EXIT_DONE;
}

int command_check(int argc, char **argv) {
	g_autofree char *top = NULL;
	struct options o = {0};
	const GOptionEntry entries[] = {
		{"against", 0, 0, G_OPTION_ARG_FILENAME, &o.against,
	         "Folder of the baseline (results/reference)", "DIR"},
		{"tolerance", 0, 0, G_OPTION_ARG_STRING, &o.tolerance,
	         "Difference that is none, relative to the baseline's number (0.01)", "X"},
		{"all", 0, 0, G_OPTION_ARG_NONE, &o.all,
	         "Every measure of a sweep's runs (results.csv), not only those that it shows",
	         NULL},
		{"no-intervals", 0, 0, G_OPTION_ARG_NONE, &o.no_intervals,
	         "Only the tolerance counts, and intervals are compared too", NULL},
		{"junit", 0, 0, G_OPTION_ARG_FILENAME, &o.junit, "Write a JUnit report", "FILE"},
		{"github", 0, 0, G_OPTION_ARG_NONE, &o.github,
	         "Print annotations for a workflow of GitHub's", NULL},
		COMMAND_JSON(&o.json),
		G_OPTION_ENTRY_NULL,
	};
	struct check_rules *rules = check_rules_new();
	struct check_report *report = check_report_new();
	int status = EXIT_BAD_INPUT;

	if (command_options(
		    &argc, &argv, entries, "[--against DIR] DIR",
		    "Compares all figures in DIR, which `reproduce`, `sweep` or `run` wrote, with a "
		    "baseline, cell by cell.  A difference\nis none if it is within the tolerance, or "
		    "within both numbers' confidence intervals; check.ini in the baseline's folder\n"
		    "gives columns tolerances of their own (docs/ci.md).  Exit status 1 and a table of "
		    "what moved if they differ,\n2 if they cannot be compared.\n"
		    "Example: sopsim check --against results/before results/now --junit report.xml",
		    1, 1)) {
		top = g_path_get_dirname(place_scenarios());
		if (!o.against)
			o.against = g_build_filename(top, "results", "reference", NULL);
		if (o.json && o.github)
			fprintf(stderr,
			        "sopsim check: --json: not with --github, which prints too; "
			        "allowed: one of them\n");
		else
			status = check(rules, report, &o, argv[1]);
	}
	check_report_free(report);
	check_rules_free(rules);
	g_free(o.against);
	g_free(o.junit);
	g_free(o.tolerance);
	return status;
}
