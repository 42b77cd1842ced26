@NullMarked
package io.levada.lake;

import org.jspecify.annotations.NullMarked;
