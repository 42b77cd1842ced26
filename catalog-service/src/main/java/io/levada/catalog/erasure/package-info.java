/// Takes the rows of a key out of the lake for good: [io.levada.catalog.erasure.ErasureLoop] does what
/// [io.levada.catalog.erasure.ErasureController] was asked for.
@NullMarked
package io.levada.catalog.erasure;

import org.jspecify.annotations.NullMarked;
