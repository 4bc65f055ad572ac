// Logarithm and circle functions with the same bits on every machine. The C library's use fused multiply-add
// where the processor has it, so that their last digit depends on where they run; these use nothing but the
// operations that IEEE 754 rounds correctly.
#pragma once

namespace pawl::features {

// Natural logarithm, within 2 units in the last place; NaN unless `value` is above zero and finite.
double exact_log(double value);

// Sine and cosine of a part of a full turn, `turn` in [0, 1); exact at quarters.
double exact_sin_of_turn(double turn);
double exact_cos_of_turn(double turn);

}  // namespace pawl::features
