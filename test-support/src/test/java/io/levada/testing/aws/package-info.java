@NullMarked
package io.levada.testing.aws;

import org.jspecify.annotations.NullMarked;
