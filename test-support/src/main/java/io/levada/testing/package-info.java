/// Embedded servers, a lake in a folder, and bounded waits for tests.
@NullMarked
package io.levada.testing;

import org.jspecify.annotations.NullMarked;
