// Reading the tables of docs/*.md, so that a test can hold the prose to what the code does.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/settings.h"

namespace pawl::test {

// The text under the heading "## `name`" up to the next "## "; empty where there is none.
std::string doc_section(const std::string& markdown, std::string_view name);

// The cells of every table row in it, without headings and rulers; backquotes around a whole cell are taken
// off. A row that does not begin with '|' is no row.
std::vector<std::vector<std::string>> doc_rows(const std::string& markdown);

// A default as the docs write it: 0.45, true, retrain.
std::string default_text(const Setting& setting);

// Fails the test where the section `name` lacks a row "| setting | default | …" for any of the schema's
// settings, or has one for a setting that is not there. Its first table is the one that is read.
void expect_documented(const std::string& markdown, std::string_view name, const Schema& schema);

}  // namespace pawl::test
