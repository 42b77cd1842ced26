@NullMarked
package io.levada.local;

import org.jspecify.annotations.NullMarked;
