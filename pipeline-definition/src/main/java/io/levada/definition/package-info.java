/// `levada.yaml`, read strictly: every problem is reported at once, unknown keys are errors, and each service gets
/// records.
@NullMarked
package io.levada.definition;

import org.jspecify.annotations.NullMarked;
