/* Half the round trip between ranks 0 and 1, for sizes from 1 KiB to 1 GiB: "bytes seconds" per line. */
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>

static void there_and_back(char* buffer, int bytes, int rank) {
  if (rank == 0) {
    MPI_Send(buffer, bytes, MPI_CHAR, 1, 0, MPI_COMM_WORLD);
    MPI_Recv(buffer, bytes, MPI_CHAR, 1, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
  } else {
    MPI_Recv(buffer, bytes, MPI_CHAR, 0, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    MPI_Send(buffer, bytes, MPI_CHAR, 0, 0, MPI_COMM_WORLD);
  }
}

int main(int argc, char** argv) {
  MPI_Init(&argc, &argv);
  int rank = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  char* buffer = malloc((size_t)1 << 30);
  for (int bytes = 1024; bytes > 0 && bytes <= 1 << 30; bytes *= 8) {
    there_and_back(buffer, bytes, rank); /* both ranks now start from the same message */
    const double start = MPI_Wtime();
    there_and_back(buffer, bytes, rank);
    if (rank == 0) {
      printf("%d %.9g\n", bytes, (MPI_Wtime() - start) / 2);
    }
  }
  free(buffer);
  MPI_Finalize();
  return 0;
}
