@NullMarked
package io.levada.testing;

import org.jspecify.annotations.NullMarked;
