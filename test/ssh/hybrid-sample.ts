/**
 * A real conversation with the SSH server of Go (golang.org/x/crypto/ssh 0.59, Go 1.26), which has an implementation of
 * ML-KEM and of the exchange of its own. In base64: what it sent up to its first encrypted packet, and the private halves
 * of the client's share. The client was `RawClient`, which says the same each time it has the same secrets.
 */
export const goServer = {
  seed: '5R5UZ0NWStl3C+OsX+BPi3S8DRACSiBD8/P37JQrpFc2aSVbEF99cYshQrQdKW+60HFV9vEWWYo+8S3a/faKUQ==',
  curve: '9CB3JqcqJz41q5RCSCzbAZv7UuMDI1iRW/ZLjubKSGs=',
  sent: [
    'U1NILTIuMC1Hbw0KAAAA3AoU8C0iaLZ2vzCEkJyHqiSm6wAAADJtbGtlbTc2OHgyNTUxOS1zaGEyNTYsa2V4LXN0cmljdC1zLXYwMEBvcGVuc3',
    'NoLmNvbQAAAAtzc2gtZWQyNTUxOQAAAAphZXMxMjgtY3RyAAAACmFlczEyOC1jdHIAAAAdaG1hYy1zaGEyLTI1Ni1ldG1Ab3BlbnNzaC5jb20A',
    'AAAdaG1hYy1zaGEyLTI1Ni1ldG1Ab3BlbnNzaC5jb20AAAAEbm9uZQAAAARub25lAAAAAAAAAAAAAAAAAIybGa7AH1d/wvsAAAT8CB8AAAAzAA',
    'AAC3NzaC1lZDI1NTE5AAAAILtU5AFzkCknkpCrdmhahE8cPRchSdPLExdiYhHswPvoAAAEYBKwRuexCZfkr+AW4Ylmnuxqf00AJeSDJ5dZ3WFv',
    'td5aAUIA4PsZBcjLYPY1eZr/J9pSbDVE68wpc00bHrBoN3c9rtBTyaI7G8D+W0eyOJygQWAGrjFfRaPcI110sNahLxZl7w0qcYoKY9eSmIgXBH',
    'mXe5pDj9Ziasfcax2txUZ++GAFaHOxPWKuuOTpCHg3Ivm5AM9N8I6MkbY4KgGCTDUdy/QECZpCVdhni+cR8CehZXjdSE5YD620adjLrOGM/pd/',
    '+gnxoRDjUWDzpcogoXhpH3yLLx3pSii6gNIWCRDBoGHYuNUuIrJqCex/en7RXj8H1GvonLRoGXSp7f0N//umLNzzf8/l3DUwGaQl+rLiyIT1Td',
    'dXw/ZnnKh5HrTZswhkSx1Khrwi/RhTOsBaiKcbnE8nlAqWiUCvRccn+KkANmFkRqmvqfr1DmDkUbSUQX7b4GDdK+n5PWfF3DK6Jcz3UsVZjKz1',
    '00siCNKo91Pf88+a2htZ4g3oEfb+mzMeNk07UfzbHO3DSWNMqDdHuh48qJ9u6ei5b7YOq7TVqsI2NWc3SUle6bnHG01Mn/4j0kXS5XT0gjoHbT',
    'lksx8tirojluuP63WwSz62TDMDQ/JeNWvFDl4GttJwKgxMNn7kwyeyT+KHWUHtle6KHVU4+mR/v2zUMaEDZ/225hhOtMcmOVWyQlGQyM5llhXD',
    'pCSj/G09/3a8ryRbZ8xNwnP849SBH/cHfArtjypbsXiabeuGYJVwe+Rd/I7t1SUK3r0aOgM91ysST6p2rv5RGDIS+ZNqzmZfznCCP7e1vxbuAL',
    'QyLm5PlKgTd0WrPBX2Y899G35IpEW7vvhgymJjXzDeIUaf/hhkw2bO9xyGv8aJrlGqCzFp0ZKa7rjoah+DY9q1C+B6ToXvMy6apB+VUhAHWoJl',
    'DKJQs12vpGoQVuW9L5sN7kXxj8Y1Xslrb5p/TiKCl7R6zBHu7yxqYC+37j67s9/Prl4j+c0hN7jNIJHK2RBsyx7clrYUPqOfHa4KIGHhRh5vEj',
    'KcYmcrV/T01KatiiVQ7VuY2ll0SvaPpPrushhxQdXPl877BWJnRQXbKzXbug48pyuYnTNBKrQir/fmTKz1Y2uxcJ92LmTQFoiS9+NZTnhtdC9s',
    'vXcRNqMh1MBPptffxuH65+GDtXFfH8uWVN/wIUKNaNKNox35co+MiKa9FQ5JkIfZUiLhj2moQtPVGfs8nHfz0597DQkQQo2C0dKRQEAqDCh0Xg',
    '2Nh1DTqKwuuIn5qaFeFx0suDJZUdrWt7GnBl/WIUBCAP5PkfqxX7OXuLVFgRhBfzzWyz4Wgv4aYm8OiQ6x5jjTBzHGxjY0YksPPMFvyZCq7Wk4',
    '41NF+uyiR9B/Oenb6FMj7db4hvMG3KOCC+k53lJtUfgarUjFpLjATUGnQfZbwDQD2rJ3fiaCnwTw6O/JyHzZIqBUmmsbtLn/8a5WGSPOqxOBKT',
    'jeCreqjnk45SClUMd30qJTLHMAAABTAAAAC3NzaC1lZDI1NTE5AAAAQLaQwYOz55Z1Qox24XccWcBxScfQwUqr1bLE6RxcagyDUBi5zNleBnat',
    '0mwszliYc0v7QxCHzBhPR0Q5IRnoogEYxw1sInWU2wAAAAwKFeoAGz55AfH3MNgAAADwOPMR99Ni8jBSkQCoAdo0raZKfQLMkRRprsZ9K2e8aC',
    'S+RqVmGLiGnWpXd5xJe4WYQkikhuS3zBlfB4l8CnFCePEisZ6VFj3SEdrmozRvcnmhaIfXXDnefMR8xWCc+DVxOQCdQ81qhq7FUxifIdRpi844',
    'cizrvQvb9SCea9RWBOvWyCoYmH9EnA8kusuET5VYFJULypIr2o5lSuOKktEDOlo/J6saqiK1vYi86HSZiywOnFb1xOLUieD55U2nrhd7zXnF6J',
    'Lt+/xaljnVwTj8E2SssAqsY+98xadsbe435sYTUBEOSRqumvhUlkPsR4ymP+fXZEr8wfSrqQ+kDeosB8pLNOGl7kD64YdqhofGVSA=',
  ].join(''),
}
