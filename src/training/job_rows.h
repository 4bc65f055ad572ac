// Jobs whose rows came ready: their file in the folder, and what is refused of them. Private to the room.
#pragma once

#include <string>
#include <string_view>

#include "training/prepared.h"

namespace pawl::training {

inline constexpr std::string_view kRowsFile = "rows.bin";

std::string encode_rows(const JobRows& rows);
// corrupt where the bytes are no such rows, or hold a label that is known after the cut: look-ahead.
Result<JobRows> decode_rows(std::string_view bytes, TimeMs cut);

// The rows in order of the times from which they were known. bad_data where they are malformed or look ahead;
// insufficient_data where there are none.
Result<Prepared> prepare_rows(const Job& job);

}  // namespace pawl::training
