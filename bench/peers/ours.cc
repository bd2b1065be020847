// Our parser in the loop.
#include "bench/peers/loop.h"

int main(int count, char** arguments) {
  using namespace demarc::bench;
  return run({"demarc", our_stages(), prepare_stages}, count, arguments);
}
